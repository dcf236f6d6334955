$ lvsadm config set tcp 800 && lvsadm service add fwmark 4294967295 family inet6 flags flag-1 netmask 64 persistent 9
$ lvsadm dest add fwmark 4294967295 family inet6 server 2001:db8::1 tun type gre csum on weight 2 upper 9 lower 3
$ lvsadm service add tcp 192.0.2.1:80 scheduler rr
$ lvsadm save | tee saved
config set tcp 800 tcp-fin 120 udp 300
service add tcp 192.0.2.1:80 scheduler rr
service add fwmark 4294967295 family inet6 scheduler wlc persistent 9 netmask 64 flags flag-1
dest add fwmark 4294967295 family inet6 server [2001:db8::1]:0 tun type gre csum on weight 2 upper 9 lower 3
$ lvsadm restore flush file saved && lvsadm save | diff saved -
$ lvsadm restore < saved
lvsadm: line 2: service add: service tcp 192.0.2.1:80 exists already
lvsadm: line 3: service add: service fwmark 4294967295 family inet6 exists already
lvsadm: line 4: dest add: server [2001:db8::1]:0 of service fwmark 4294967295 family inet6 exists already
[2]

# Commands of a file see those before them; refusals are named with their line.
$ cat > rules <<'EOF'
> service set tcp 192.0.2.1:80 scheduler lc	# not rr
>
> dest add tcp 192.0.2.1:80 server 10.0.0.1 nat
> dest set tcp 192.0.2.1:80 server 10.0.0.1 weight 9
> dest add tcp 192.0.2.1:80 server 10.0.0.1 nat
> service set tcp 192.0.2.9:80 scheduler lc
> dest del tcp 192.0.2.1:80 server 10.0.0.7
> config set udp 77
> EOF
$ lvsadm restore file rules
lvsadm: line 5: dest add: server 10.0.0.1:80 of service tcp 192.0.2.1:80 exists already
lvsadm: line 6: service set: service tcp 192.0.2.9:80 does not exist
lvsadm: line 7: dest del: server 10.0.0.7:80 of service tcp 192.0.2.1:80 does not exist
[2]
$ lvsadm save
config set tcp 800 tcp-fin 120 udp 77
service add tcp 192.0.2.1:80 scheduler lc
dest add tcp 192.0.2.1:80 server 10.0.0.1:80 nat weight 9
service add fwmark 4294967295 family inet6 scheduler wlc persistent 9 netmask 64 flags flag-1
dest add fwmark 4294967295 family inet6 server [2001:db8::1]:0 tun type gre csum on weight 2 upper 9 lower 3

# A mistake changes nothing.
$ printf 'service flush\nservice add tcp 80\nshow\nrestore\n' | lvsadm restore flush
lvsadm: line 2: service add: tcp '80': not an address, and no host of that name
lvsadm: line 3: show: only commands that change something can stand in a file
lvsadm: line 4: restore: only commands that change something can stand in a file
[1]
$ lvsadm save
config set tcp 800 tcp-fin 120 udp 77
service add tcp 192.0.2.1:80 scheduler lc
dest add tcp 192.0.2.1:80 server 10.0.0.1:80 nat weight 9
service add fwmark 4294967295 family inet6 scheduler wlc persistent 9 netmask 64 flags flag-1
dest add fwmark 4294967295 family inet6 server [2001:db8::1]:0 tun type gre csum on weight 2 upper 9 lower 3

# What is behind a zero byte is not lost without a word.
$ printf 'service add fwmark 1\n\0\nservice add fwmark 2\n' > zero && lvsadm restore flush file zero
lvsadm: restore: zero: not a text: there is a zero byte in it
[1]
$ ipvsadm -R < zero
not a text: there is a zero byte in it
[255]
$ lvsadm restore flush file /
lvsadm: restore: /: Is a directory
[1]
$ lvsadm save | wc -l
5

# What other tools made can be saved, restored, and changed.
$ cat > others <<'EOF'
> config set tcp 5000000 tcp-fin 120 udp 300
> service add tcp 192.0.2.1:80 scheduler rr persistent 0
> dest add tcp 192.0.2.1:80 server 10.0.0.1:8080 dr weight 1
> EOF
$ lvsadm restore flush file others && lvsadm save | diff others -
$ lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.1:8080 weight 0 && lvsadm dest show
tcp 192.0.2.1:80 server 10.0.0.1:8080 dr weight 0
$ lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.1:8080 tun
lvsadm: dest set: server '10.0.0.1:8080': only nat changes the port; with tun it must be 80
[1]
$ lvsadm restore <<< 'dest add tcp 192.0.2.1:80 server 10.0.0.2:8080'
lvsadm: line 1: dest add: server '10.0.0.2:8080': only nat changes the port; with dr it must be 80
[1]
$ lvsadm config set tcp 5000000
lvsadm: config set: tcp '5000000': must be a number from 1 to 2678400
[1]

# What depends on what is there can only fail once others are carried out.
$ lvsadm restore <<'EOF'
> service add udp 192.0.2.1:53
> dest set tcp 192.0.2.1:80 server 10.0.0.1:8080 tun
> service set tcp 192.0.2.1:80 ops
> EOF
lvsadm: line 2: dest set: server '10.0.0.1:8080': only nat changes the port; with tun it must be 80
lvsadm: line 3: service set: ops only goes with udp and fwmark services
[2]
$ lvsadm service show udp 192.0.2.1:53 | wc -l
1
$ FAKE_DENIED=1 lvsadm restore file others
lvsadm: permission denied: this needs CAP_NET_ADMIN
[2]
