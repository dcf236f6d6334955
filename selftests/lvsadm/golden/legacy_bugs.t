# Marks beyond 2^31 stay positive and can be restored.
$ ipvsadm -A -f 4000000000 -s rr && ipvsadm -Ln && ipvsadm -Sn
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
FWM  4000000000 rr
-A -f 4000000000 -s rr
$ ipvsadm -Sn > saved && ipvsadm -C && ipvsadm -R < saved && ipvsadm -Sn | diff saved -

# IPv6 without a port, with and without brackets.
$ ipvsadm -A -t '[2001:db8::1]' -p && ipvsadm -A -t 2001:db8::2 -p
$ ipvsadm -a -t '[2001:db8::1]' -r '[2001:db8::9]' && ipvsadm -a -t 2001:db8::2 -r 2001:db8::9
$ ipvsadm -Sn
-A -t [2001:db8::1]:0 -s wlc -p 360
-a -t [2001:db8::1]:0 -r [2001:db8::9]:0 -g -w 1
-A -t [2001:db8::2]:0 -s wlc -p 360
-a -t [2001:db8::2]:0 -r [2001:db8::9]:0 -g -w 1
-A -f 4000000000 -s rr

# The order of options does not matter.
$ ipvsadm -A -6 -f 9 -s rr && ipvsadm -a -r 2001:db8::3 -6 -f 9 -m
$ ipvsadm -A -M 64 -p -t '[2001:db8::7]:80'
$ ipvsadm -A -b sh-port -t 192.0.2.7:80 -s sh && ipvsadm -a -r 10.0.0.1 -m -t 192.0.2.7:80
$ ipvsadm -Sn
-A -t 192.0.2.7:80 -s sh -b sh-port
-a -t 192.0.2.7:80 -r 10.0.0.1:80 -m -w 1
-A -t [2001:db8::1]:0 -s wlc -p 360
-a -t [2001:db8::1]:0 -r [2001:db8::9]:0 -g -w 1
-A -t [2001:db8::2]:0 -s wlc -p 360
-a -t [2001:db8::2]:0 -r [2001:db8::9]:0 -g -w 1
-A -t [2001:db8::7]:80 -s wlc -p 360 -M 64
-A -f 9 -6 -s rr
-a -f 9 -6 -r [2001:db8::3]:0 -m -w 1
-A -f 4000000000 -s rr

# Addresses more than 2^31 apart are in order.
$ ipvsadm -C; for i in 200.0.0.1 10.0.0.1 100.0.0.1; do ipvsadm -A -t $i:80 -s rr; done; ipvsadm -Sn
-A -t 10.0.0.1:80 -s rr
-A -t 100.0.0.1:80 -s rr
-A -t 200.0.0.1:80 -s rr
$ for i in 200.0.0.1 10.0.0.1 100.0.0.1; do ipvsadm -a -t 10.0.0.1:80 -r $i -m; done; ipvsadm -Ln -t 10.0.0.1:80
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  10.0.0.1:80 rr
  -> 10.0.0.1:80                  Masq    1      0          0         
  -> 100.0.0.1:80                 Masq    1      0          0         
  -> 200.0.0.1:80                 Masq    1      0          0         

# Help and version need no kernel; other things try modprobe once.
$ FAKE_ABSENT=1 ipvsadm -h | head -n 3
ipvsadm v1.31 compatible lvsadm v0.1 (compiled with libmnl and IPVS v1.2.1)
Usage:
  ipvsadm -A|-E SERVICE [-s SCHEDULER] [-p [SECONDS]] [-M NETMASK] [-o] [--pe ENGINE] [-b FLAGS]
$ FAKE_ABSENT=1 ipvsadm --version
ipvsadm v1.31 compatible lvsadm v0.1 (compiled with libmnl and IPVS v1.2.1)
$ FAKE_ABSENT=1 ipvsadm -Ln
Can't initialize ipvs: Protocol not available
Are you sure that IP Virtual Server is built in the kernel or as module?
[2]
$ FAKE_ABSENT=1 ipvsadm -A -t bad
illegal virtual server address[:port] specified
[2]
$ FAKE_ABSENT=2 ipvsadm -Sn | wc -l
6
$ FAKE_DENIED=1 ipvsadm -Ln
Can't initialize ipvs: Permission denied (you must be root)
Are you sure that IP Virtual Server is built in the kernel or as module?
[2]

# Flags that are none.
$ ipvsadm -A -t 1.2.3.4:80 -b ,
invalid scheduler flag `,'
[2]
$ ipvsadm -A -t 1.2.3.4:80 -b flag-1,,flag-2 && ipvsadm -Sn | grep 1.2.3.4
-A -t 1.2.3.4:80 -s wlc -b flag-1,flag-2
