# A file with comments, blank lines and the word ipvsadm in front.
$ cat > rules <<'EOF'
> # ipvsadm.rules
> ipvsadm -A -t 192.0.2.1:80 -s rr
>
>   -a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 2 -x 9 -y 3   # the first one
> 	-A -f 4294967295 -6 -s wlc
> EOF
$ ipvsadm -R < rules && ipvsadm -S -n
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 2 -x 9 -y 3
-A -f 4294967295 -6 -s wlc

# Saved and restored, nothing is lost.
$ ipvsadm-save -n > saved && ipvsadm-restore < saved && ipvsadm-save -n | diff saved -

# Every refused line is named, the rest is carried out.
$ cat > rules <<'EOF'
> -A -t 192.0.2.1:80 -s rr
> -A -t 192.0.2.1:81 -s rr
> -a -t 192.0.2.9:80 -r 10.0.0.1:80 -m
> -d -t 192.0.2.1:80 -r 10.0.0.7:80
> -D -f 1
> -A -t 192.0.2.1:82 -s nosuch
> EOF
$ ipvsadm -R < rules
line 1: Service already exists
line 3: Service not defined
line 4: No such destination
line 5: No such service
line 6: Scheduler or persistence engine not found
[255]
$ ipvsadm -S -n
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 2 -x 9 -y 3
-A -t 192.0.2.1:81 -s rr
-A -f 4294967295 -6 -s wlc

# A mistake in the file: all of them are named, and nothing is changed, nor cleared.
$ cat > rules <<'EOF'
> -A -t 192.0.2.1:90
> -A -t 192.0.2.1
> -z
> -a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -m
> -R
> nonsense
> EOF
$ ipvsadm-restore < rules
line 2: Zero port specified for non-persistent service
line 3: Try `ipvsadm -h' or 'ipvsadm --help' for more information.
line 4: multiple 'forwarding-method' options specified
line 5: Try `ipvsadm -h' or 'ipvsadm --help' for more information.
line 6: Try `ipvsadm -h' or 'ipvsadm --help' for more information.
[2]
$ ipvsadm -S -n
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 2 -x 9 -y 3
-A -t 192.0.2.1:81 -s rr
-A -f 4294967295 -6 -s wlc

# Listings in a file see what came before them.
$ printf -- '-C\n-A -f 1 -s rr\n-L -n\n-D -f 1\n-S -n\n' | ipvsadm -R
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
FWM  1 rr

# 64-bit words, long words, no newline at the end, and no input at all.
$ printf -- '-A -t 192.0.2.1:80 -s aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' | ipvsadm -R
line 1: Scheduler or persistence engine not found
[255]
$ ipvsadm -R < /dev/null
$ ipvsadm-save -x
ipvsadm-save: writes the table of virtual services to stdout
   -n: addresses and ports as numbers
[1]
