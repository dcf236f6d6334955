# What -E and -e do not name goes back to its default, as it does in ipvsadm.
$ ipvsadm -A -t 192.0.2.1:80 -s wrr -p 300
$ ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 5 -x 9
$ ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.1:8080 -m
$ ipvsadm -Sn
-A -t 192.0.2.1:80 -s wrr -p 300
-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 1
$ ipvsadm -E -t 192.0.2.1:80
$ ipvsadm -Sn
-A -t 192.0.2.1:80 -s wlc
-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 1
$ ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.9:80
No such destination
[255]
$ ipvsadm -e -t 192.0.2.9:80 -r 10.0.0.9:80
Service not defined
[255]
$ ipvsadm -d -t 192.0.2.1:80 -r 10.0.0.1:8080
$ ipvsadm -d -t 192.0.2.1:80 -r 10.0.0.1:8080
No such destination
[255]
$ ipvsadm -D -t 192.0.2.1:80
$ ipvsadm -D -t 192.0.2.1:80
No such service
[255]
$ ipvsadm -E -t 192.0.2.1:80 -s nosuch
No such service
[255]
$ ipvsadm -A -t 192.0.2.1:80 -s nosuch
Scheduler or persistence engine not found
[255]
$ ipvsadm -A -t 192.0.2.1:80 -s rr
$ ipvsadm -A -t 192.0.2.1:80 -s rr
Service already exists
[255]
$ ipvsadm -a -t 192.0.2.1:80 -r 224.0.0.1:80
Invalid operation.  Possibly wrong module version, address not unicast, ...
[255]
$ ipvsadm -Z -t 192.0.2.9:80
No such service
[255]
$ ipvsadm -Z -t 192.0.2.1:80 && ipvsadm -Z

# Timeouts and daemons.
$ ipvsadm --set 100 0 50 && ipvsadm -L --timeout
Timeout (tcp tcpfin udp): 100 120 50
$ ipvsadm --start-daemon master --mcast-interface eth1 --syncid 51 --mcast-group ff02::5
$ ipvsadm --start-daemon master
Daemon has already run
[255]
$ ipvsadm --start-daemon backup --sync-maxlen 1400 --mcast-port 8849 --mcast-ttl 3 --mcast-group 224.0.0.82
$ ipvsadm -L --daemon
master sync daemon (mcast=eth1, syncid=51, group=ff02::5)
backup sync daemon (mcast=eth0, syncid=0, maxlen=1400, group=224.0.0.82, port=8849, ttl=3)
$ ipvsadm --stop-daemon master && ipvsadm -L --daemon
backup sync daemon (mcast=eth0, syncid=0, maxlen=1400, group=224.0.0.82, port=8849, ttl=3)
$ ipvsadm --stop-daemon master
No daemon is running
[255]
