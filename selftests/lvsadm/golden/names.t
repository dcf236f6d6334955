# Names of hosts and services, IPv6 too.
$ ipvsadm -A -t localhost:http -s rr && ipvsadm -A -t six:https -s rr && ipvsadm -A -f 1 -s rr
$ ipvsadm -a -t localhost:http -r localhost:https -m && ipvsadm -a -f 1 -r localhost:80
$ ipvsadm -a -t six:https -r six -m
$ ipvsadm -L
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  localhost:http rr
  -> localhost:https              Masq    1      0          0         
TCP  [six]:https rr
  -> [six]:https                  Masq    1      0          0         
FWM  1 rr
  -> localhost:80                 Route   1      0          0         
$ ipvsadm
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  localhost:http rr
  -> localhost:https              Masq    1      0          0         
TCP  [six]:https rr
  -> [six]:https                  Masq    1      0          0         
FWM  1 rr
  -> localhost:80                 Route   1      0          0         
$ ipvsadm -L -n
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  127.0.0.1:80 rr
  -> 127.0.0.1:443                Masq    1      0          0         
TCP  [2001:db8::6]:443 rr
  -> [2001:db8::6]:443            Masq    1      0          0         
FWM  1 rr
  -> 127.0.0.1:80                 Route   1      0          0         
$ ipvsadm -S
-A -t localhost:http -s rr
-a -t localhost:http -r localhost:https -m -w 1
-A -t [six]:https -s rr
-a -t [six]:https -r [six]:https -m -w 1
-A -f 1 -s rr
-a -f 1 -r localhost:80 -g -w 1
$ ipvsadm -S > saved && ipvsadm-restore < saved && ipvsadm -S | diff saved -
$ ipvsadm -A -t nohost:80
illegal virtual server address[:port] specified
[2]
$ ipvsadm -A -t localhost:nosuch
illegal virtual server address[:port] specified
[2]
$ ipvsadm -A -t localhost:81 -p -M nohost
illegal virtual server persistent mask specified
[2]
$ lvsadm service add udp six:domain scheduler rr && lvsadm service show udp six:53
udp [2001:db8::6]:53 scheduler rr

# A name in brackets is an IPv6 address, though it has an IPv4 address, too.
$ ipvsadm -C && ipvsadm -A -t [both]:http && ipvsadm -A -t both:http && ipvsadm -S -n
-A -t 127.0.0.1:80 -s wlc
-A -t [2001:db8::6]:80 -s wlc
$ ipvsadm -A -t [localhost]:http
illegal virtual server address[:port] specified
[2]
