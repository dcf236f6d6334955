# Services and servers of all kinds, and every listing of them.
$ ipvsadm -A -t 192.0.2.1:80 -s wrr -p 300 -M 255.255.255.0
$ ipvsadm -A -u '[2001:db8::1]:53' -o
$ ipvsadm -A -f 7 -6 -s sh -b sh-port,sh-fallback
$ ipvsadm -A -t 192.0.2.2:0 -p --pe sip -s rr
$ ipvsadm -A --sctp-service 192.0.2.1:9 -s mh -b mh-port,flag-3
$ ipvsadm -A -t '[2001:db8::1]:443' -p 60 -M 64
$ ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 70000 -x 100 -y 50
$ ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.1 -g
$ ipvsadm -a -t 192.0.2.1:80 -r '[2001:db8::5]:80' -i --tun-type gue --tun-port 6080 --tun-remcsum
$ ipvsadm -a -f 7 -6 -r '[2001:db8::5]' -i
$ ipvsadm -a -t '[2001:db8::1]:443' -r '[2001:db8::6]:443' -i --tun-type gre --tun-csum
$ ipvsadm -Ln
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  192.0.2.1:80 wrr persistent 300 mask 255.255.255.0
  -> 10.0.0.1:80                  Route   1      0          0         
  -> 10.0.0.2:8080                Masq    70000  0          0         
  -> [2001:db8::5]:80             Tunnel  1      0          0         
TCP  192.0.2.2:0 rr persistent 360 pe sip
SCTP 192.0.2.1:9 mh (mh-port,flag-3)
TCP  [2001:db8::1]:443 wlc persistent 60 mask 64
  -> [2001:db8::6]:443            Tunnel  1      0          0         
UDP  [2001:db8::1]:53 wlc ops
FWM  7 IPv6 sh (sh-fallback,sh-port)
  -> [2001:db8::5]:0              Tunnel  1      0          0         
$ ipvsadm -L -n --thresholds
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn 
  -> RemoteAddress:Port
TCP  192.0.2.1:80 wrr persistent 300 mask 255.255.255.0
  -> 10.0.0.1:80                  0          0          0          0         
  -> 10.0.0.2:8080                100        50         0          0         
  -> [2001:db8::5]:80             0          0          0          0         
TCP  192.0.2.2:0 rr persistent 360 pe sip
SCTP 192.0.2.1:9 mh (mh-port,flag-3)
TCP  [2001:db8::1]:443 wlc persistent 60 mask 64
  -> [2001:db8::6]:443            0          0          0          0         
UDP  [2001:db8::1]:53 wlc ops
FWM  7 IPv6 sh (sh-fallback,sh-port)
  -> [2001:db8::5]:0              0          0          0          0         
$ ipvsadm -L -n --persistent-conn
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn 
  -> RemoteAddress:Port
TCP  192.0.2.1:80 wrr persistent 300 mask 255.255.255.0
  -> 10.0.0.1:80                  1         0           0          0         
  -> 10.0.0.2:8080                70000     0           0          0         
  -> [2001:db8::5]:80             1         0           0          0         
TCP  192.0.2.2:0 rr persistent 360 pe sip
SCTP 192.0.2.1:9 mh (mh-port,flag-3)
TCP  [2001:db8::1]:443 wlc persistent 60 mask 64
  -> [2001:db8::6]:443            1         0           0          0         
UDP  [2001:db8::1]:53 wlc ops
FWM  7 IPv6 sh (sh-fallback,sh-port)
  -> [2001:db8::5]:0              1         0           0          0         
$ ipvsadm -L -n --tun-info
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn
TCP  192.0.2.1:80 wrr persistent 300 mask 255.255.255.0
  -> 10.0.0.1:80                  Route   n/a           1      0          0         
  -> 10.0.0.2:8080                Masq    n/a           70000  0          0         
  -> [2001:db8::5]:80             Tunnel  gue:6080:r+c  1      0          0         
TCP  192.0.2.2:0 rr persistent 360 pe sip
SCTP 192.0.2.1:9 mh (mh-port,flag-3)
TCP  [2001:db8::1]:443 wlc persistent 60 mask 64
  -> [2001:db8::6]:443            Tunnel  gre:+c        1      0          0         
UDP  [2001:db8::1]:53 wlc ops
FWM  7 IPv6 sh (sh-fallback,sh-port)
  -> [2001:db8::5]:0              Tunnel  ipip          1      0          0         
$ ipvsadm -L -n --nosort
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  192.0.2.1:80 wrr persistent 300 mask 255.255.255.0
  -> 10.0.0.2:8080                Masq    70000  0          0         
  -> 10.0.0.1:80                  Route   1      0          0         
  -> [2001:db8::5]:80             Tunnel  1      0          0         
UDP  [2001:db8::1]:53 wlc ops
FWM  7 IPv6 sh (sh-fallback,sh-port)
  -> [2001:db8::5]:0              Tunnel  1      0          0         
TCP  192.0.2.2:0 rr persistent 360 pe sip
SCTP 192.0.2.1:9 mh (mh-port,flag-3)
TCP  [2001:db8::1]:443 wlc persistent 60 mask 64
  -> [2001:db8::6]:443            Tunnel  1      0          0         
$ ipvsadm -L -n -t 192.0.2.1:80
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  192.0.2.1:80 wrr persistent 300 mask 255.255.255.0
  -> 10.0.0.1:80                  Route   1      0          0         
  -> 10.0.0.2:8080                Masq    70000  0          0         
  -> [2001:db8::5]:80             Tunnel  1      0          0         
$ ipvsadm -L -n -t 192.0.2.9:80
No such service
[1]
$ ipvsadm -S -n
-A -t 192.0.2.1:80 -s wrr -p 300 -M 255.255.255.0
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 1
-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 70000 -x 100 -y 50
-a -t 192.0.2.1:80 -r [2001:db8::5]:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum
-A -t 192.0.2.2:0 -s rr -p 360 --pe sip
-A --sctp-service 192.0.2.1:9 -s mh -b mh-port,flag-3
-A -t [2001:db8::1]:443 -s wlc -p 60 -M 64
-a -t [2001:db8::1]:443 -r [2001:db8::6]:443 -i -w 1 --tun-type gre --tun-csum
-A -u [2001:db8::1]:53 -s wlc -o
-A -f 7 -6 -s sh -b sh-fallback,sh-port
-a -f 7 -6 -r [2001:db8::5]:0 -i -w 1 --tun-type ipip

# Numbers: in units, or exact; 64 bits for servers too.
$ export FAKE_STATS=99999999,100000000,999999999,1000000000,99999999999,100000000000,99999999999999,100000000000000,5,18446744073709551615
$ ipvsadm -Ln --stats
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  192.0.2.1:80                 99999999  100000K  999999K    1000M   99999M
  -> 10.0.0.1:80                  99999999  100000K  999999K    1000M   99999M
  -> 10.0.0.2:8080                99999999  100000K  999999K    1000M   99999M
  -> [2001:db8::5]:80             99999999  100000K  999999K    1000M   99999M
TCP  192.0.2.2:0                  99999999  100000K  999999K    1000M   99999M
SCTP 192.0.2.1:9                  99999999  100000K  999999K    1000M   99999M
TCP  [2001:db8::1]:443            99999999  100000K  999999K    1000M   99999M
  -> [2001:db8::6]:443            99999999  100000K  999999K    1000M   99999M
UDP  [2001:db8::1]:53             99999999  100000K  999999K    1000M   99999M
FWM  7 IPv6                       99999999  100000K  999999K    1000M   99999M
  -> [2001:db8::5]:0              99999999  100000K  999999K    1000M   99999M
$ ipvsadm -Ln --stats --exact
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  192.0.2.1:80                 99999999 100000000 999999999 1000000000 99999999999
  -> 10.0.0.1:80                  99999999 100000000 999999999 1000000000 99999999999
  -> 10.0.0.2:8080                99999999 100000000 999999999 1000000000 99999999999
  -> [2001:db8::5]:80             99999999 100000000 999999999 1000000000 99999999999
TCP  192.0.2.2:0                  99999999 100000000 999999999 1000000000 99999999999
SCTP 192.0.2.1:9                  99999999 100000000 999999999 1000000000 99999999999
TCP  [2001:db8::1]:443            99999999 100000000 999999999 1000000000 99999999999
  -> [2001:db8::6]:443            99999999 100000000 999999999 1000000000 99999999999
UDP  [2001:db8::1]:53             99999999 100000000 999999999 1000000000 99999999999
FWM  7 IPv6                       99999999 100000000 999999999 1000000000 99999999999
  -> [2001:db8::5]:0              99999999 100000000 999999999 1000000000 99999999999
$ ipvsadm -Ln --rate -t 192.0.2.1:80
Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS
  -> RemoteAddress:Port
TCP  192.0.2.1:80                     100G   99999G     100T        518446744T
  -> 10.0.0.1:80                  100000000000 99999999999999 100000000000000        518446744T
  -> 10.0.0.2:8080                100000000000 99999999999999 100000000000000        518446744T
  -> [2001:db8::5]:80             100000000000 99999999999999 100000000000000        518446744T
$ ipvsadm -Ln --rate -X -t 192.0.2.1:80
Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS
  -> RemoteAddress:Port
TCP  192.0.2.1:80                 100000000000 99999999999999 100000000000000        5 18446744073709551615
  -> 10.0.0.1:80                  100000000000 99999999999999 100000000000000        5 18446744073709551615
  -> 10.0.0.2:8080                100000000000 99999999999999 100000000000000        5 18446744073709551615
  -> [2001:db8::5]:80             100000000000 99999999999999 100000000000000        5 18446744073709551615
