$ lvsadm service add tcp 192.0.2.1:80
$ lvsadm service add fwmark 7
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1:8080 nat weight 3 upper 100 lower 50
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.2
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.3 tun type gue port 6080 csum remote
$ lvsadm dest add tcp 192.0.2.1:80 server [2001:db8::5]:80 tun type gre
$ lvsadm dest add fwmark 7 server 10.0.0.1
$ lvsadm dest add fwmark 7 server 10.0.0.2:99 nat weight 0
$ lvsadm dest show
tcp 192.0.2.1:80 server 10.0.0.1:8080 nat weight 3 upper 100 lower 50
tcp 192.0.2.1:80 server 10.0.0.2:80 dr weight 1
tcp 192.0.2.1:80 server 10.0.0.3:80 tun type gue port 6080 csum remote weight 1
tcp 192.0.2.1:80 server [2001:db8::5]:80 tun type gre csum off weight 1
fwmark 7 server 10.0.0.1:0 dr weight 1
fwmark 7 server 10.0.0.2:99 nat weight 0
$ lvsadm dest show fwmark 7
fwmark 7 server 10.0.0.1:0 dr weight 1
fwmark 7 server 10.0.0.2:99 nat weight 0
$ lvsadm show
tcp 192.0.2.1:80 scheduler wlc
    server 10.0.0.1:8080 nat weight 3 upper 100 lower 50 active 0 inactive 0
    server 10.0.0.2:80 dr weight 1 active 0 inactive 0
    server 10.0.0.3:80 tun type gue port 6080 csum remote weight 1 active 0 inactive 0
    server [2001:db8::5]:80 tun type gre csum off weight 1 active 0 inactive 0
fwmark 7 scheduler wlc
    server 10.0.0.1:0 dr weight 1 active 0 inactive 0
    server 10.0.0.2:99 nat weight 0 active 0 inactive 0
$ lvsadm show tcp 192.0.2.1:80
tcp 192.0.2.1:80 scheduler wlc
    server 10.0.0.1:8080 nat weight 3 upper 100 lower 50 active 0 inactive 0
    server 10.0.0.2:80 dr weight 1 active 0 inactive 0
    server 10.0.0.3:80 tun type gue port 6080 csum remote weight 1 active 0 inactive 0
    server [2001:db8::5]:80 tun type gre csum off weight 1 active 0 inactive 0

# Only what is named changes.
$ lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.1:8080 weight 0 && lvsadm dest show tcp 192.0.2.1:80 | grep 8080
tcp 192.0.2.1:80 server 10.0.0.1:8080 nat weight 0 upper 100 lower 50
$ lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.1:8080 lower 0 && lvsadm dest show tcp 192.0.2.1:80 | grep 8080
tcp 192.0.2.1:80 server 10.0.0.1:8080 nat weight 0 upper 100
$ lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.1:8080 lower 60 && lvsadm dest show tcp 192.0.2.1:80 | grep 8080
tcp 192.0.2.1:80 server 10.0.0.1:8080 nat weight 0 upper 100 lower 60
$ lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.1:8080 upper 0 && lvsadm dest show tcp 192.0.2.1:80 | grep 8080
tcp 192.0.2.1:80 server 10.0.0.1:8080 nat weight 0
$ lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.1:8080 upper 100 && lvsadm dest show tcp 192.0.2.1:80 | grep 8080
tcp 192.0.2.1:80 server 10.0.0.1:8080 nat weight 0 upper 100
$ lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.1:8080 dr
lvsadm: dest set: server '10.0.0.1:8080': only nat changes the port; with dr it must be 80
[1]
$ lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.2 nat && lvsadm dest show tcp 192.0.2.1:80 | grep 10.0.0.2
tcp 192.0.2.1:80 server 10.0.0.2:80 nat weight 1
$ lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.3 port 99 && lvsadm dest show tcp 192.0.2.1:80 | grep 10.0.0.3
tcp 192.0.2.1:80 server 10.0.0.3:80 tun type gue port 99 csum remote weight 1
$ lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.3 type ipip && lvsadm dest show tcp 192.0.2.1:80 | grep 10.0.0.3
tcp 192.0.2.1:80 server 10.0.0.3:80 tun weight 1
$ lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.9 weight 3
lvsadm: dest set: server 10.0.0.9:80 of service tcp 192.0.2.1:80 does not exist
[2]
$ lvsadm dest set tcp 192.0.2.9:80 server 10.0.0.9 weight 3
lvsadm: dest set: service tcp 192.0.2.9:80 does not exist
[2]

# Refusals.
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.2
lvsadm: dest add: server 10.0.0.2:80 of service tcp 192.0.2.1:80 exists already
[2]
$ lvsadm dest add tcp 192.0.2.9:80 server 10.0.0.2
lvsadm: dest add: service tcp 192.0.2.9:80 does not exist
[2]
$ lvsadm dest add tcp 192.0.2.1:80 server 224.0.0.1
lvsadm: dest add: server 224.0.0.1:80 of service tcp 192.0.2.1:80: the address must be a unicast address of this kind of service
[2]
$ lvsadm dest del tcp 192.0.2.1:80 server 10.0.0.9
lvsadm: dest del: server 10.0.0.9:80 of service tcp 192.0.2.1:80 does not exist
[2]
$ lvsadm dest del tcp 192.0.2.1:80 server 10.0.0.2 && lvsadm dest show tcp 192.0.2.1:80
tcp 192.0.2.1:80 server 10.0.0.1:8080 nat weight 0 upper 100
tcp 192.0.2.1:80 server 10.0.0.3:80 tun weight 1
tcp 192.0.2.1:80 server [2001:db8::5]:80 tun type gre csum off weight 1

# Counters.
$ FAKE_STATS=1,2,3,5000000000,5,6,7,8,9,10 lvsadm stats show
                                                    conns    in_pkts   out_pkts   in_bytes  out_bytes        cps     in_pps    out_pps     in_bps    out_bps
tcp 192.0.2.1:80                                        1          2          3 5000000000          5          6          7          8          9         10
    10.0.0.1:8080                                       1          2          3 5000000000          5          6          7          8          9         10
    10.0.0.3:80                                         1          2          3 5000000000          5          6          7          8          9         10
    [2001:db8::5]:80                                    1          2          3 5000000000          5          6          7          8          9         10
fwmark 7                                                1          2          3 5000000000          5          6          7          8          9         10
    10.0.0.1:0                                          1          2          3 5000000000          5          6          7          8          9         10
    10.0.0.2:99                                         1          2          3 5000000000          5          6          7          8          9         10

# Timeouts and daemons.
$ lvsadm config set udp 30 tcp-fin 60 && lvsadm config show && lvsadm -j config
tcp 900 tcp-fin 60 udp 30
version 1.2.1 conn-table 4096
{"config":{"tcp":900,"tcp_fin":60,"udp":30,"version":"1.2.1","conn_table":4096}}
$ lvsadm daemon start master interface eth1 syncid 51 && lvsadm daemon start backup interface eth1 group ff02::5 maxlen 1400 port 9 ttl 2
$ lvsadm daemon
master interface eth1 syncid 51
backup interface eth1 syncid 0 maxlen 1400 group ff02::5 port 9 ttl 2
$ lvsadm daemon start master interface eth1
lvsadm: daemon start: such a daemon is running already
[2]
$ lvsadm daemon stop master && lvsadm daemon stop backup && lvsadm daemon stop backup
lvsadm: daemon stop: no such daemon is running
[2]
