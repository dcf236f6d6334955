# Each of these is refused before the kernel is asked. What ipvsadm says to
# them is compared on a real kernel by lvsadm_stock.sh.
$ export FAKE_ABSENT=1
$ while read -r words; do echo "ipvsadm $words"; ipvsadm $words </dev/null; echo "= $?"; done <$TESTS/usage_errors
ipvsadm -A
You need to supply the 'service-address' option for the 'add-service' command
= 2
ipvsadm -A -t
-t: missing argument
= 255
ipvsadm -z
Try `ipvsadm -h' or 'ipvsadm --help' for more information.
= 255
ipvsadm zz
Try `ipvsadm -h' or 'ipvsadm --help' for more information.
= 255
ipvsadm zz -L
unexpected argument zz
= 2
ipvsadm -n -L
Try `ipvsadm -h' or 'ipvsadm --help' for more information.
= 255
ipvsadm -A -z
-z: unknown option
= 255
ipvsadm -Lz
-Lz: unknown option
= 255
ipvsadm -Lt
-Lt: missing argument
= 255
ipvsadm -L --foo=3
--foo=3: unknown option
= 255
ipvsadm -L --numeric=3
--numeric=3: option does not take an argument
= 255
ipvsadm -A -D
invalid option `-D'
= 2
ipvsadm -LL
invalid option `-LL'
= 2
ipvsadm -L --list
invalid option `--list'
= 2
ipvsadm -A -t 192.0.2.1:80 -h
invalid option `-h'
= 2
ipvsadm -A -t 192.0.2.1:80 zz
unexpected argument zz
= 2
ipvsadm -L -- x
unexpected argument x
= 2
ipvsadm --
Try `ipvsadm -h' or 'ipvsadm --help' for more information.
= 255
ipvsadm -
Try `ipvsadm -h' or 'ipvsadm --help' for more information.
= 255
ipvsadm -A -t 192.0.2.1
Zero port specified for non-persistent service
= 2
ipvsadm -A -t 192.0.2.1:
illegal virtual server address[:port] specified
= 2
ipvsadm -A -t :80
illegal virtual server address[:port] specified
= 2
ipvsadm -A -t 80
illegal virtual server address[:port] specified
= 2
ipvsadm -A -t 192.0.2.1:nosuch
illegal virtual server address[:port] specified
= 2
ipvsadm -A -t 192.0.2.1:65536
illegal virtual server address[:port] specified
= 2
ipvsadm -A -t 192.0.2.1:-1
illegal virtual server address[:port] specified
= 2
ipvsadm -A -t 192.0.2.1:0x50
illegal virtual server address[:port] specified
= 2
ipvsadm -A -t 192.0.2.1:80 -u 192.0.2.1:80
multiple 'service-address' options specified
= 2
ipvsadm -A -t 192.0.2.1:80 -s rr -s rr
multiple 'scheduler' options specified
= 2
ipvsadm -A -t 192.0.2.1:80 -s
-s: missing argument
= 255
ipvsadm -A -t 192.0.2.1:80 -p 0
invalid timeout value `0' specified
= 2
ipvsadm -A -t 192.0.2.1:80 -p x
invalid timeout value `x' specified
= 2
ipvsadm -A -t 192.0.2.1:80 -p 2678401
invalid timeout value `2678401' specified
= 2
ipvsadm -A -t 192.0.2.1:80 -M x
illegal virtual server persistent mask specified
= 2
ipvsadm -A -t [2001:db8::1]:80 -M 0
illegal ipv6 netmask specified
= 2
ipvsadm -A -t [2001:db8::1]:80 -M 129
illegal ipv6 netmask specified
= 2
ipvsadm -A -t 192.0.2.1:80 -o
One-Packet Scheduling is only for UDP virtual services
= 2
ipvsadm -A -t 192.0.2.1:80 -6
-6 used before -f
\
= 2
ipvsadm -A -f 0
invalid fwmark value `0' specified
= 2
ipvsadm -A -f x
invalid fwmark value `x' specified
= 2
ipvsadm -A -f -1
invalid fwmark value `-1' specified
= 2
ipvsadm -A -f 4294967296
invalid fwmark value `4294967296' specified
= 2
ipvsadm -A -t 192.0.2.1:80 -b zz
invalid scheduler flag `zz'
= 2
ipvsadm -A -t 192.0.2.1:80 -b sh-port
incompatible scheduler flag `sh-port'
= 2
ipvsadm -A -t 192.0.2.1:80 -s sh -b mh-port
incompatible scheduler flag `mh-port'
= 2
ipvsadm -A -t 192.0.2.1:80 -w 3
Illegal 'weight' option with the 'add-service' command
= 2
ipvsadm -A -t 192.0.2.1:80 -n
Illegal 'numeric' option with the 'add-service' command
= 2
ipvsadm -a -t 192.0.2.1:80
You need to supply the 'real-server' option for the 'add-server' command
= 2
ipvsadm -a -r 192.0.2.2
You need to supply the 'service-address' option for the 'add-server' command
= 2
ipvsadm -a -t 192.0.2.1:80 -r 12
illegal real server address[:port] specified
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -g -m
multiple 'forwarding-method' options specified
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -w -1
illegal weight specified
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -w 2147483648
illegal weight specified
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -x -1
illegal u_threshold specified
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -y x
illegal l_threshold specified
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -s rr
Illegal 'scheduler' option with the 'add-server' command
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 --tun-csum
Tunnel options conflict with forward method
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -i --tun-type zz
illegal tunnel type specified
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -i --tun-type gue
You need to supply the 'tun-port' option for the 'gue' tunnel type
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -i --tun-type gre --tun-port 5
Illegal 'tun-port' option with the 'gre' tunnel type
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -i --tun-type gre --tun-remcsum
Illegal 'tun-remcsum' option with the 'gre' tunnel type
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -i --tun-type gre --tun-csum --tun-nocsum
The option 'tun-csum' conflicts with the 'tun-nocsum' option in the 'gre' tunnel type
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -i --tun-csum
Illegal 'tun-csum' option with the 'ipip' tunnel type
= 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -i --tun-port 0
illegal tunnel port specified
= 2
ipvsadm -d -t 192.0.2.1:80
You need to supply the 'real-server' option for the 'delete-server' command
= 2
ipvsadm -d -t 192.0.2.1:80 -r 192.0.2.2 -w 1
Illegal 'weight' option with the 'delete-server' command
= 2
ipvsadm -D
You need to supply the 'service-address' option for the 'delete-service' command
= 2
ipvsadm -D -t 192.0.2.1:80 -s rr
Illegal 'scheduler' option with the 'delete-service' command
= 2
ipvsadm -C -n
Illegal 'numeric' option with the 'flush' command
= 2
ipvsadm -C -t 192.0.2.1:80
Illegal 'service-address' option with the 'flush' command
= 2
ipvsadm -Z -n
Illegal 'numeric' option with the 'zero' command
= 2
ipvsadm -S --nosort
Illegal 'nosort' option with the 'save' command
= 2
ipvsadm -S -c
Illegal 'connection' option with the 'save' command
= 2
ipvsadm -R -n
Illegal 'numeric' option with the 'restore' command
= 2
ipvsadm -L -w 1
Illegal 'weight' option with the 'list' command
= 2
ipvsadm -L -r 192.0.2.2
Illegal 'real-server' option with the 'list' command
= 2
ipvsadm -L --timeout --daemon
The option 'daemon' conflicts with the 'timeout' option in the 'list' command
= 2
ipvsadm -L --timeout -c
The option 'timeout' conflicts with the 'connection' option in the 'list' command
= 2
ipvsadm -L -c -t 192.0.2.1:80
The option 'service-address' conflicts with the 'connection' option in the 'list' command
= 2
ipvsadm -L -c --stats
options conflicts in the list command
= 2
ipvsadm -L --timeout --stats
options conflicts in the list command
= 2
ipvsadm -L --timeout --persistent-conn
options conflicts in the list command
= 2
ipvsadm -L -n -n
multiple 'numeric' options specified
= 2
ipvsadm -L --syncid 300
illegal syncid specified
= 2
ipvsadm --set
--set option requires 3 timeout values
= 2
ipvsadm --set 1 2
--set option requires 3 timeout values
= 2
ipvsadm --set 1 2 x
invalid timeout value `x' specified
= 2
ipvsadm --set 1 2 3 4
unexpected argument 4
= 2
ipvsadm --set 1 2 3 -n
Illegal 'numeric' option with the 'set' command
= 2
ipvsadm --set 2678401 1 1
invalid timeout value `2678401' specified
= 2
ipvsadm --start-daemon
Try `ipvsadm -h' or 'ipvsadm --help' for more information.
= 255
ipvsadm --start-daemon zz
illegal start-daemon parameter specified
= 2
ipvsadm --start-daemon master zz
unexpected argument zz
= 2
ipvsadm --start-daemon master --syncid 256
illegal syncid specified
= 2
ipvsadm --start-daemon backup --mcast-ttl 0
illegal mcast-ttl specified
= 2
ipvsadm --start-daemon backup --mcast-port 0
illegal mcast-port specified
= 2
ipvsadm --start-daemon backup --sync-maxlen 65508
illegal sync-maxlen specified
= 2
ipvsadm --start-daemon backup --mcast-group 192.0.2.1
invalid IPv4 mcast-group `192.0.2.1'
= 2
ipvsadm --start-daemon backup --mcast-group 2001:db8::1
invalid IPv6 mcast-group `2001:db8::1'
= 2
ipvsadm --stop-daemon
Try `ipvsadm -h' or 'ipvsadm --help' for more information.
= 255
ipvsadm --stop-daemon zz
illegal start_daemon specified
= 2
ipvsadm --stop-daemon master --mcast-interface eth0
Illegal 'mcast-interface' option with the 'stop-daemon' command
= 2
