$ c() { lvsadm __complete "$@" | paste -sd ' '; }
$ c ''
service dest conn stats config daemon show save restore help version
$ c s
service stats show save
$ c service ''
add set del show flush zero
$ c service add ''
tcp udp sctp fwmark
$ c service add tcp ''
\
$ c service add tcp 192.0.2.1:80 ''
scheduler persistent netmask flags ops pe
$ c service add tcp 192.0.2.1:80 scheduler ''
rr wrr lc wlc dh sh mh sed nq fo ovf lblc lblcr twos none
$ c service add tcp 192.0.2.1:80 scheduler w
wrr wlc
$ c service add tcp 192.0.2.1:80 scheduler wrr p
persistent pe
$ c service add fwmark 7 ''
family scheduler persistent netmask flags ops pe
$ c service add fwmark 7 family ''
inet inet6
$ c service set udp 192.0.2.1:80 ops ''
on off scheduler persistent netmask flags pe
$ c service show ''
tcp udp sctp fwmark
$ c dest add tcp 192.0.2.1:80 server 10.0.0.1 nat ''
type port csum weight upper lower
$ c dest add tcp 192.0.2.1:80 server 10.0.0.1 tun type g
gue gre
$ c conn show state S
SYN_SENT SYN_RECV SYNACK
$ c -j sh
show
$ c nonsense ''
\
$ c help d
dest daemon
$ c --json dest s
set show
$ c conn show state A
ASSURED
