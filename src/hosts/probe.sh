#!/bin/sh
# The host check of exitdesk, run on the exit itself: read-only, without arguments, bounded in time and output.
#
# Installed on a host as a forced command, or sent over the connection to `sh -s`; both do the same.
# Output: the first line names the format, the last one says that it is whole, and every line between has a kind:
#   f KEY VALUE             a fact about the host or about this run
#   = PART KIND TEXT        text of the host, always behind its part and kind: no content can pose as another line
#   # PART STATUS BY NOTE   how a part went: done, empty, missing, denied or failed ("-" = by nothing)
#
# Privacy: on an exit, the sockets of tor are where people are connected. No address of a peer leaves this script, of tor or of
# anything else, but of ssh logins; sockets of tor and of its helpers are left out altogether; addresses in log lines are masked.

# shellcheck disable=SC2317 # functions are handed to carry by name
umask 077
zone=$(date +%z)
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
LC_ALL=C
TZ=UTC0
export PATH LC_ALL TZ
unset ENV BASH_ENV CDPATH LD_PRELOAD LD_LIBRARY_PATH LSOFOPT PS_FORMAT PS_PERSONALITY GREP_OPTIONS SYSTEMD_COLORS

# Seconds for the whole run and for one command; the run is over before the desk's own deadline.
total=45
each=10
# 4: the output, past every pipeline. 5: words of a step to its carry, past its own pipeline.
exec 4>&1 5>/dev/null

have() { command -v "$1" >/dev/null 2>&1; }
fact() { printf 'f %s %s\n' "$1" "$(printf '%s' "$2" | tr -c ' -~' '?' | cut -c1-300)"; }
status() { printf '# %s %s %s %s\n' "$1" "$2" "${3:--}" "$(printf '%s' "${4:-}" | tr -c ' -~' ' ' | cut -c1-200)"; }

# bounded SECONDS COMMAND...: ends the command when its time, or that of the whole run, is over (then 124 or 137).
bounded() {
  limit=$1
  shift
  left=$((started + total - $(date +%s)))
  if [ "$left" -lt 1 ]; then echo late=yes >&5; return 124; fi
  [ "$left" -lt "$limit" ] && limit=$left
  case $timeout_kind in
    by-kill) timeout -k 2 "$limit" "$@" ;;
    by-term) timeout "$limit" "$@" ;;
    *) watched "$limit" "$@" ;;
  esac
  code=$?
  case $code in 124 | 137 | 143) echo late=yes >&5 ;; esac
  return "$code"
}

# needs COMMAND...: runs it, and lets a failure be known past the pipeline that it feeds.
needs() { "$@" || echo "fail=$?" >&5; }

# watched SECONDS COMMAND...: what timeout does, where there is no timeout.
watched() {
  seconds=$1
  shift
  # What runs in the background reads from nowhere, unless it is told.
  { "$@" <&6 6<&- & child=$!; } 6<&0
  (
    # It must hold no pipe open: whoever reads that would wait for its end.
    exec </dev/null >/dev/null 2>&1 4>&- 5>&-
    nap=
    trap '[ -n "$nap" ] && kill "$nap"; exit 0' TERM
    sleep "$seconds" &
    nap=$!
    wait "$nap"
    kill "$child"
    sleep 2
    kill -9 "$child"
  ) &
  guard=$!
  wait "$child"
  result=$?
  kill "$guard" 2>/dev/null
  wait "$guard" 2>/dev/null
  return "$result"
}

# carry PART LINES BYTES FUNCTION [ARGUMENT...]: runs the function and prints its lines behind "= PART".
# Sets rc (exit status), lines (how many came), whole (no when something was cut) and errors (what it said on stderr).
carry() {
  part=$1
  max=$2
  bytes=$3
  shift 3
  # The stages say what they saw on stderr, below whatever the command said there: its own text cannot come after.
  said=$(
    {
      { "$@" </dev/null 5>&2; printf '\nrc=%s\n' "$?" >&2; } | tr -d '\000' | head -c "$bytes" |
        awk -v p="= $part " -v max="$max" -v bytes="$bytes" '
          { size += length($0) + 1; if (NR <= max) print p substr($0, 1, 800) }
          END { printf "\nn=%d cut=%s\n", NR, (NR > max || size >= bytes) ? "yes" : "no" | "cat >&2" }' >&4
    } 2>&1 | tail -c 1200
  )
  rc=$(printf '%s\n' "$said" | sed -n 's/^rc=\([0-9]*\)$/\1/p' | tail -n 1)
  lines=$(printf '%s\n' "$said" | sed -n 's/^n=\([0-9]*\) .*/\1/p' | tail -n 1)
  whole=yes
  case $said in *cut=yes*) whole=no ;; esac
  errors=$(printf '%s\n' "$said" | grep -v -e '^rc=' -e '^n=' -e '^fail=' -e '^late=' -e '^$' | tail -n 1)
  fail=$(printf '%s\n' "$said" | sed -n 's/^fail=\([0-9]*\)$/\1/p' | tail -n 1)
  [ -n "$rc" ] || rc=1
  [ -n "$fail" ] && rc=$fail
  case $said in *late=yes*) rc=124 ;; esac
  [ -n "$lines" ] || lines=0
}

# settle PART BY [NOTE]: the status that follows from the carry before.
settle() {
  note=${3:-}
  [ "$whole" = no ] && note="${note:+$note; }cut"
  case $rc in
    0 | 141) if [ "$lines" -gt 0 ]; then status "$1" "done" "$2" "$note"; else status "$1" empty "$2" "${note:-$errors}"; fi ;;
    124 | 137 | 143) status "$1" failed "$2" "took too long" ;;
    *)
      if [ "$lines" -gt 0 ]; then status "$1" "done" "$2" "${note:+$note; }exit status $rc"
      else
        case $errors in
          *[Dd]enied* | *'not permitted'*) status "$1" denied "$2" "$errors" ;;
          *) status "$1" failed "$2" "${errors:-exit status $rc}" ;;
        esac
      fi
      ;;
  esac
}

# links GLOB...: "exe PID TARGET" of each /proc/PID/exe, in one go.
links() {
  # shellcheck disable=SC2012 # -q keeps a name on its line, and BusyBox does that without being asked
  if ls -q / >/dev/null 2>&1; then ls -lqn "$@"; else ls -ln "$@"; fi 2>/dev/null | sed -n 's|.* /proc/\([0-9]*\)/exe -> \(.*\)$|exe \1 \2|p'
}
# tag KIND: puts the kind before each line.
tag() { awk -v k="$1" '{ print k, $0 }'; }

# ---- who asks: the account and source address of this very login, which is expected in the lists below

self_facts() {
  self_user=$(id -un 2>/dev/null)
  [ -n "${SUDO_USER:-}" ] && self_user=$SUDO_USER
  self_source=${SSH_CONNECTION:-}
  pid=$$
  depth=0
  while [ -z "$self_source" ] && [ "$depth" -lt 8 ] && [ "$pid" -gt 1 ] && [ -r "/proc/$pid/environ" ]; do
    self_source=$(tr '\000' '\n' 2>/dev/null <"/proc/$pid/environ" | sed -n 's/^SSH_CONNECTION=//p' | head -n 1)
    pid=$(sed -n 's/^PPid:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null)
    [ -n "$pid" ] || pid=1
    depth=$((depth + 1))
  done
  self_source=${self_source%% *}
  fact self-user "$self_user"
  fact self-source "${self_source:--}"
  fact self-pid "$$"
}

capabilities() {
  os=$(uname -s)
  fact os "$os"
  fact kernel "$(uname -r)"
  if [ -r /etc/os-release ]; then
    fact release "$(sed -n 's/^PRETTY_NAME="*\([^"]*\)"*$/\1/p' /etc/os-release | head -n 1)"
    fact system "$(sed -n 's/^ID="*\([^"]*\)"*$/\1/p' /etc/os-release | head -n 1) $(sed -n 's/^VERSION_ID="*\([^"]*\)"*$/\1/p' /etc/os-release | head -n 1)"
  elif have busybox && [ ! -e /etc/debian_version ]; then fact system busybox
  else fact system "$os"
  fi
  fact now "$started"
  fact zone "$zone"
  fact uid "$(id -u)"
  boot=
  [ -r /proc/stat ] && boot=$(awk '$1 == "btime" { print $2 }' /proc/stat) && fact boot "$boot"
  [ -r /proc/1/comm ] && fact init "$(head -n 1 /proc/1/comm)"
  found=
  for tool in timeout last wtmpdb lastlog2 who loginctl ps lsof ss fstat sockstat journalctl busybox; do
    have "$tool" && found="$found $tool"
  done
  fact tools "$found"
  for db in /var/lib/dpkg/status /var/lib/rpm/rpmdb.sqlite /var/lib/rpm/Packages /lib/apk/db/installed; do
    [ -e "$db" ] && fact packages-changed "$(stat -c %Y "$db" 2>/dev/null)" && break
  done
}

# ---- tor: whose sockets stay here

# Processes of tor and of its transports, by name, program, arguments (a torrc), account or parent, whatever they are called and in
# whatever container they run: "PID,PID" in tor_pids, the numbers of their accounts in tor_users.
find_tor() {
  tor_pids=
  tor_users=$(awk -F: '$1 ~ /^(debian-tor|_tor.*|tor|toranon)$/ { printf "%s%s", s, $3; s = "," }' /etc/passwd 2>/dev/null)
  [ -d /proc/self ] || return 0
  found=$(
    {
      links /proc/[0-9]*/exe
      # Written so that neither this nor the awk behind it finds itself.
      grep -l 'torr[c]\|--ORPor[t]\|--SocksPor[t]' /proc/[0-9]*/cmdline 2>/dev/null | sed 's|^/proc/\([0-9]*\)/.*|args \1|'
      cat /proc/[0-9]*/status 2>/dev/null
    } | awk -v users="$tor_users" '
      function tor(name) { return name ~ /^(tor|tor[-_.0-9].*|obfs4proxy|lyrebird|snowflake.*|webtunnel.*|meek-.*|conjure.*)$/ }
      BEGIN { n = split(users, u, ","); for (i = 1; i <= n; i++) uid[u[i]] = 1 }
      $1 == "exe" { path = $3; sub(/.*\//, "", path); if (tor(path)) is[$2] = 1; next }
      $1 == "args" { told[$2] = 1; next }
      $1 == "Name:" { name = $2 }
      $1 == "Pid:" { pid = $2; if (tor(name)) is[pid] = 1 }
      $1 == "PPid:" { parent[pid] = $2 }
      $1 == "Uid:" { owner[pid] = $2 }
      END {
        # An editor or a search has the word in its arguments too; its account does not become that of tor.
        for (p in is) if (owner[p] != 0 && owner[p] != "") uid[owner[p]] = 1
        for (p in told) is[p] = 1
        for (p in owner) if (owner[p] in uid) is[p] = 1
        for (round = 0; round < 3; round++) for (p in parent) if (parent[p] in is) is[p] = 1
        for (p in is) list = list (list == "" ? "" : ",") p
        for (v in uid) all = all (all == "" ? "" : ",") v
        print list " " all
      }'
  )
  tor_pids=${found%% *}
  tor_users=${found##* }
}

# ---- logins

last_rows() { bounded "$each" last -F -i -w -n 200 2>/dev/null || bounded "$each" last -F -w -n 200 2>/dev/null || needs bounded "$each" last; }
logins() {
  if have last; then
    logins_of() { last_rows | grep -v -e '^$' -e ' begins ' | tag row; }
    carry logins 200 40000 logins_of
    if [ "$lines" -eq 0 ] && [ -s /var/log/wtmp.1 ]; then
      logins_of() { needs bounded "$each" last -F -i -w -n 200 -f /var/log/wtmp.1 | grep -v -e '^$' -e ' begins ' | tag row; }
      carry logins 200 40000 logins_of
      settle logins last "from wtmp.1, the current file has no entry"
    else
      settle_logins last
    fi
  elif have wtmpdb; then
    logins_of() { needs bounded "$each" wtmpdb last -F -i -n 200 | grep -v -e '^$' -e ' begins ' | tag row; }
    carry logins 200 40000 logins_of
    settle_logins wtmpdb
  elif wtmp_is_ours; then
    carry logins 200 40000 wtmp_rows
    settle_logins wtmp
  elif have lastlog2; then
    logins_of() { needs bounded "$each" lastlog2 -t 90 | tail -n +2 | tag lastlog; }
    carry logins 200 40000 logins_of
    settle_logins lastlog2
  else
    status logins missing - "neither last nor wtmpdb nor lastlog2, nor a wtmp that can be read without them"
  fi
}
# The register itself, where nothing that reads it is installed (Debian 13): records of 384 bytes as utmp(5) has them on x86.
wtmp_is_ours() {
  case $(uname -m) in x86_64 | i?86) ;; *) return 1 ;; esac
  have od && [ -r /var/log/wtmp ] && [ -s /var/log/wtmp ] && [ $(($(wc -c </var/log/wtmp) % 384)) -eq 0 ]
}
wtmp_rows() {
  tail -c 76800 /var/log/wtmp | od -An -v -t u1 | awk '
    function text(from, size,  i, s) { for (i = from; i < from + size && b[i] != 0; i++) s = s ((b[i] > 32 && b[i] < 127) ? sprintf("%c", b[i]) : "?"); return s == "" ? "-" : s }
    { for (i = 1; i <= NF; i++) {
        b[n++] = $i + 0
        if (n < 384) continue
        n = 0; at = b[340] + b[341] * 256 + b[342] * 65536 + b[343] * 16777216
        if (b[0] == 7) print at, text(44, 32), text(8, 32), text(76, 256)
        if (b[0] == 2) print at, "reboot system boot"
    } }' | while read -r at row; do printf 'row %s %s\n' "$row" "$(date -u -d "@$at" '+%a %b %e %H:%M:%S %Y')"; done
}
# grep finds nothing in an empty list and says so with 1: that is an empty list, no failure.
settle_logins() {
  [ "$rc" = 1 ] && [ -z "$errors" ] && rc=0
  for file in /var/log/wtmp /var/log/wtmp.db /var/lib/wtmpdb/wtmp.db; do
    [ -e "$file" ] && [ ! -r "$file" ] && [ "$lines" -eq 0 ] && status logins denied "$1" "$file may not be read" && return
  done
  settle logins "$1"
}

# ---- sessions

sessions() {
  by=
  if have who; then
    sessions_of() { needs bounded "$each" who | tag who; }
    carry sessions 100 10000 sessions_of
    seen=$lines
    # A boot record in a register proves that it works: then no session is an honest answer. (Newer ones of coreutils take the
    # time of boot from elsewhere, and sessions from logind: there loginctl says whether that runs.)
    [ "$rc" = 0 ] && { [ "$seen" -gt 0 ] || { registered && [ -n "$(bounded 3 who -b 2>/dev/null)" ]; }; } && by="who"
  fi
  if [ -z "$by" ] && have loginctl; then
    sessions_of() { needs bounded "$each" loginctl --no-legend --no-pager list-sessions | loginctl_rows; }
    carry sessions 100 10000 sessions_of
    [ -z "$errors" ] && by=loginctl
  fi
  if [ -z "$by" ]; then
    if have who; then status sessions empty who "no session, and no register that shows the boot"
    elif have loginctl; then status sessions failed loginctl "$errors"
    else status sessions missing - "neither who nor loginctl"
    fi
  elif [ "$lines" -eq 0 ]; then status sessions "done" "$by" "nobody is logged in"
  else settle sessions "$by"
  fi
}
registered() { [ -s /run/utmp ] || [ -s /var/run/utmp ] || [ -s /var/run/utx.active ]; }
loginctl_rows() {
  while read -r id _; do
    bounded 3 loginctl --no-pager show-session "$id" -p Name -p RemoteHost -p TTY -p Service -p State 2>/dev/null |
      awk -F= '{ v[$1] = $2 } END { print "loginctl", v["Name"], (v["TTY"] == "" ? "-" : v["TTY"]), (v["RemoteHost"] == "" ? "-" : v["RemoteHost"]), v["Service"], v["State"] }'
  done
}

# ---- processes

processes() {
  [ -d /proc/self ] && pids_of
  by=
  ps_rc=0 ps_whole=yes
  if have ps; then
    processes_of() { needs bounded "$each" ps auwx | ps_rows; }
    carry processes 2000 300000 processes_of
    [ "$lines" -gt 1 ] && by="ps"
    ps_rc=$rc ps_whole=$whole
  fi
  if [ -d /proc/self ]; then
    carry processes 6000 400000 walk
    [ -n "$by" ] || by=/proc
  fi
  if [ -z "$by" ]; then status processes missing - "neither ps nor /proc"
  elif [ -d /proc/self ] && [ ! -d /proc/1 ]; then status processes denied "$by" "processes of others are hidden from this account"
  elif [ "$lines" -eq 0 ]; then status processes failed "$by" "$errors"
  else
    # An intruder could drown what matters in idle processes: a list that had to be cut is no list. Without ps, /proc will do.
    [ "$by" = ps ] && [ "$ps_rc" = 124 ] && rc=124
    if [ "$whole" = no ] || [ "$ps_whole" = no ]; then status processes failed "$by" "more processes than this check carries"; return; fi
    settle processes "$by" "$([ "$(id -u)" = 0 ] || echo 'programs of others cannot be seen without root')"
  fi
}
pids_of() {
  for entry in /proc/[0-9]*; do echo "${entry#/proc/}"; done |
    awk '{ line = line " " $1 } length(line) > 700 { print "= processes before" line; line = "" } END { print "= processes before" line }'
}
# The kernel's own threads (no memory) are counted, not carried; the pids are carried all, to compare with /proc.
ps_rows() {
  awk '
    NR == 1 && $1 == "USER" && $5 == "VSZ" { full = 1; print "ps", $0; next }
    # BusyBox has its number first, and shows all processes too.
    NR == 1 && $1 == "PID" { short = 1; print "ps", $0; next }
    { pid = full ? $2 : $1; if (pid ~ /^[0-9]+$/) pids = pids " " pid }
    full && $5 == 0 && $6 == 0 && $8 !~ /^Z/ { kernel++; next }
    { print "ps", $0 }
    END { print "kernel", kernel + 0; if (full || short) { while (length(pids) > 700) { cutat = 700; while (substr(pids, cutat, 1) != " ") cutat--; print "pids" substr(pids, 1, cutat); pids = substr(pids, cutat) } print "pids" pids } }'
}
# What /proc says by itself: "stat PID PPID UID STATE NAME", "exe PID PATH", "args PID WORDS"; not of this script's own children
# beyond their numbers, nor of the kernel's own threads, which have no memory and are children of process 2.
walk() {
  cat /proc/[0-9]*/status 2>/dev/null | awk -v self="$$" '
    function out() { if (pid != "") { parent[pid] = pp; row[pid] = pid " " pp " " uid " " st " " (vm ? "user" : "kernel") " " name; order[++n] = pid; if (!vm && (pid == 2 || pp == 2)) thread[pid] = 1 } }
    $1 == "Name:" { out(); pid = ""; vm = 0; name = substr($0, 7) }
    $1 == "State:" { st = $2 }
    $1 == "Pid:" { pid = $2 }
    $1 == "PPid:" { pp = $2 }
    $1 == "Uid:" { uid = $2 }
    $1 == "VmSize:" { vm = 1 }
    END {
      out(); own[self] = 1
      for (round = 0; round < 8; round++) for (p in parent) if (parent[p] in own) own[p] = 1
      for (i = 1; i <= n; i++) if (!(order[i] in thread)) print ((order[i] in own) ? "own " : "stat ") row[order[i]]
    }'
  links /proc/[0-9]*/exe | while read -r kind pid path; do
    printf '%s %s %s\n' "$kind" "$pid" "$path"
    # A program whose file is there again was replaced, as an upgrade does.
    case $path in /*' (deleted)') [ -e "${path% (deleted)}" ] && printf 'again %s\n' "$pid" ;; esac
  done
  up=$(sed 's/[. ].*//' /proc/uptime)
  for entry in /proc/[0-9]*; do
    pid=${entry#/proc/}
    words=$(tr '\000\n' ' ?' 2>/dev/null <"$entry/cmdline" | head -c 300)
    # Empty, and still there with a program (the kernel's threads have none): it has erased its arguments.
    [ -n "$words" ] || [ -e "$entry/exe" ] || continue
    printf 'args %s %s\n' "$pid" "$words"
  done
  # Age in seconds, for the few rules that spare what only just began (clock ticks are 100 a second on Linux).
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v up="$up" '
    { pid = $1; rest = $0; if (!sub(/^.*\) [A-Za-z] /, "", rest)) next; split(rest, w, " "); if (w[1] != 2 && pid ~ /^[0-9]+$/ && w[19] ~ /^[0-9]+$/) print "age", pid, up - int(w[19] / 100) }'
}

# ---- open files and sockets

# Reads sockets in one form, "PID UID COMMAND PROTO STATE LOCAL PEER", and prints what may leave the host:
#   listen PID UID COMMAND PROTO LOCAL
#   conn PID UID COMMAND PROTO LOCAL-PORT PEER     local port "*" where the connection began here
#   kept COUNT                                     left out: tor's, or nobody's that could be named
# PEER is an address only where somebody came in to sshd, for that is a login; else it is the kind of network and the port.
share_sockets() {
  awk -v pids="$tor_pids" -v users="$tor_users" '
    function port(a) { sub(/^.*:/, "", a); return a }
    function host(a) { sub(/:[^:]*$/, "", a); gsub(/[][]/, "", a); sub(/^::ffff:/, "", a); sub(/%.*$/, "", a); return a }
    function net(a) {
      if (a ~ /^127\./ || a == "::1") return "[loopback]"
      if (a ~ /^10\./ || a ~ /^192\.168\./ || a ~ /^172\.(1[6-9]|2[0-9]|3[01])\./ || a ~ /^169\.254\./ || a ~ /^[fF][eE]80:/ || a ~ /^[fF][cCdD]/) return "[private]"
      return "[public]"
    }
    function tor(i) { return (pid[i] in istor) || (uid[i] in isuser) || (cmd[i] ~ /^(tor|obfs4proxy|lyrebird|snowflake.*|webtunnel.*|meek-.*)$/) }
    BEGIN {
      n = split(pids, a, ","); for (i = 1; i <= n; i++) istor[a[i]] = 1
      n = split(users, a, ","); for (i = 1; i <= n; i++) if (a[i] != "") isuser[a[i]] = 1
      n = 0
    }
    NF == 7 { n++; pid[n] = $1; uid[n] = $2; cmd[n] = $3; proto[n] = $4; state[n] = $5; here[n] = $6; peer[n] = $7 }
    END {
      # A port on which tor listens is tor-s, whoever holds the connection (a proxy before it, a socket handed down).
      for (i = 1; i <= n; i++) if (state[i] == "LISTEN") { open[port(here[i])] = 1; if (tor(i)) torport[port(here[i])] = 1 }
      for (i = 1; i <= n; i++) {
        if (state[i] == "LISTEN") { if (!((pid[i] here[i] proto[i]) in shown)) print "listen", pid[i], uid[i], cmd[i], proto[i], here[i]; shown[pid[i] here[i] proto[i]] = 1 }
        else if (tor(i) || (port(here[i]) in torport) || pid[i] !~ /^[0-9]+$/) kept++
        else if (cmd[i] ~ /^sshd(-session|-auth)?$/ && (port(here[i]) in open)) print "conn", pid[i], uid[i], cmd[i], proto[i], port(here[i]), host(peer[i])
        else {
          # Many clients of one service are one line; of a connection that began here, the port of the other side tells more.
          inward = port(here[i]) in open
          line = pid[i] " " uid[i] " " cmd[i] " " proto[i] " " (inward ? port(here[i]) " " net(host(peer[i])) ":*" : "* " net(host(peer[i])) ":" port(peer[i]))
          if (!(line in said)) print "conn", line
          said[line] = 1
        }
      }
      print "kept", kept + 0
    }'
}

lsof_sockets() {
  {
    [ -z "$tor_pids" ] || bounded "$each" lsof -nP -w -a -p "$tor_pids" -iTCP -sTCP:LISTEN -F pcuPntT 2>/dev/null
    bounded 15 lsof -nP -w ${tor_pids:+-p "^$(printf '%s' "$tor_pids" | sed 's/,/,^/g')"} -i -F pcuPntT
    # 1 is also "no such socket".
    code=$?
    [ "$code" -le 1 ] || echo "fail=$code" >&5
    echo X
  } | awk '
    function flush(  a) {
      if (name == "") return
      gsub(/ .*/, "", name)
      if (index(name, "->")) { split(name, a, "->"); print pid, uid, cmd, proto, (st == "" ? "CONNECTED" : st), a[1], a[2] }
      else if (st == "LISTEN" || (proto == "UDP" && name != "*:*")) print pid, uid, cmd, proto, "LISTEN", name, "-"
      name = ""; st = ""
    }
    { k = substr($0, 1, 1); v = substr($0, 2) }
    k == "p" || k == "f" || k == "X" { flush() }
    k == "p" { pid = v } k == "u" { uid = v } k == "c" { gsub(/[^!-~]/, "?", v); cmd = (v == "" ? "?" : v) }
    k == "P" { proto = v } k == "n" { name = v } k == "T" && v ~ /^ST=/ { st = substr(v, 4) }
    END { flush() }' | share_sockets
}

# Programs that run though their file is gone, and libraries loaded from places where anybody may write.
lsof_files() {
  bounded 15 lsof -nP -w ${tor_pids:+-p "^$(printf '%s' "$tor_pids" | sed 's/,/,^/g')"} -d txt,mem -F pcftn 2>/dev/null | awk '
    function row(kind) { gsub(/[^ -~]/, "?", v); if (!((kind pid v) in seen)) print kind, pid, cmd, v; seen[kind pid v] = 1 }
    { k = substr($0, 1, 1); v = substr($0, 2) }
    k == "p" { pid = v } k == "c" { gsub(/[^!-~]/, "?", v); cmd = v } k == "f" { fd = v }
    k == "n" && fd == "txt" && v ~ /\(deleted\)$/ { row("gone") }
    k == "n" && v ~ /^\/(tmp|var\/tmp|dev\/shm|run\/shm)\/.*\.so/ { row("library") }'
}

ss_sockets() {
  {
    needs bounded "$each" ss -H -tulnp
    needs bounded "$each" ss -H -tunp state connected
  } | awk -v pids="$tor_pids" '
    BEGIN { n = split(pids, a, ","); for (i = 1; i <= n; i++) istor[a[i]] = 1 }
    $1 != "tcp" && $1 != "udp" { next }
    # With "state connected" the state is still a column when several are asked for; both shapes are read.
    { i = ($2 ~ /^[0-9]+$/) ? 2 : 3; state = (i == 3) ? $2 : "CONNECTED"; here = $(i + 2); peer = $(i + 3); who = ""; for (j = i + 4; j <= NF; j++) who = who $j }
    state == "UNCONN" { state = "LISTEN" }
    {
      pid = "-"; cmd = "-"
      if (match(who, /pid=[0-9]+/)) { pid = substr(who, RSTART + 4, RLENGTH - 4); cmd = who; sub(/^users:\(\("/, "", cmd); sub(/",pid=.*/, "", cmd); gsub(/[^!-~]/, "?", cmd) }
      # Several may hold it: one of them tor, and it is tor-s.
      for (rest = who; match(rest, /pid=[0-9]+/); rest = substr(rest, RSTART + RLENGTH)) { one = substr(rest, RSTART + 4, RLENGTH - 4); if (one in istor) pid = one }
      print pid, "-", (cmd == "" ? "?" : cmd), toupper($1), state, here, peer
    }' | share_sockets
}

# /proc/net, and as root the owners by the sockets that each process holds; those of tor are not even looked at. Without root only
# what listens, for whose the rest is cannot be told.
proc_sockets() {
  {
    if [ "$(id -u)" = 0 ]; then
      folders=
      for entry in /proc/[0-9]*; do
        case ",$tor_pids," in *",${entry#/proc/},"*) ;; *) folders="$folders $entry/fd/" ;; esac
      done
      # shellcheck disable=SC2086 # a list of folders
      bounded 15 ls -ln $folders 2>/dev/null | awk '
        /^\/proc\// { pid = $0; gsub(/[^0-9]/, "", pid); next }
        match($0, /socket:\[[0-9]+\]$/) { print "owner", substr($0, RSTART + 8, RLENGTH - 9), pid }'
      cat /proc/[0-9]*/status 2>/dev/null | awk '$1 == "Name:" { name = substr($0, 7) } $1 == "Pid:" { gsub(/[^!-~]/, "?", name); print "name", $2, (name == "" ? "?" : name) }'
    fi
    for table in tcp tcp6 udp udp6; do
      [ -r "/proc/net/$table" ] && sed "1d;s/^/$table /" "/proc/net/$table"
    done
  } | awk -v root="$(id -u)" '
    function hex(s,  i, v) { v = 0; for (i = 1; i <= length(s); i++) v = v * 16 + index("0123456789ABCDEF", substr(s, i, 1)) - 1; return v }
    function four(s) { return hex(substr(s, 7, 2)) "." hex(substr(s, 5, 2)) "." hex(substr(s, 3, 2)) "." hex(substr(s, 1, 2)) }
    # Four words of 32 bits, each in the order of the machine.
    function six(s,  i, w, all) {
      for (i = 1; i <= 25; i += 8) { w = substr(s, i, 8); all = all ":" substr(w, 7, 2) substr(w, 5, 2) ":" substr(w, 3, 2) substr(w, 1, 2) }
      return tolower(substr(all, 2))
    }
    function address(s) {
      if (length(s) == 8) return four(s)
      if (s ~ /^0+$/) return "[::]"
      if (s == "00000000000000000000000001000000") return "[::1]"
      if (substr(s, 1, 24) == "0000000000000000FFFF0000") return "[::ffff:" four(substr(s, 25)) "]"
      return "[" six(s) "]"
    }
    $1 == "owner" { holder[$2] = $3; next }
    $1 == "name" { name[$2] = $3; next }
    {
      split($3, a, ":"); split($4, b, ":"); proto = toupper(substr($1, 1, 3)); listens = (proto == "TCP") ? $5 == "0A" : ($5 == "07" && $4 ~ /:0000$/)
      pid = ($11 in holder) ? holder[$11] : "-"
      if (listens) print pid, $9, (pid in name ? name[pid] : "-"), proto, "LISTEN", address(a[1]) ":" hex(a[2]), "-"
      else if (root == 0) print pid, $9, (pid in name ? name[pid] : "-"), proto, "CONNECTED", address(a[1]) ":" hex(a[2]), address(b[1]) ":" hex(b[2])
    }' | share_sockets
}

# FreeBSD, and OpenBSD: only what listens. From their manual pages.
sockstat_sockets() { needs bounded "$each" sockstat -46l | awk 'NR > 1 { print "listen", $3, $1, $2, toupper(substr($5, 1, 3)), $6 }'; }
fstat_sockets() { needs bounded "$each" fstat | awk '$5 ~ /^internet/ && !/<--|-->/ && $NF ~ /:[0-9]+$/ { print "listen", $3, $1, $2, toupper($7), $NF }'; }
netstat_sockets() { needs bounded "$each" netstat -an -f inet | awk '$NF == "LISTEN" { print "listen - - -", toupper(substr($1, 1, 3)), $4 }'; }

settle_sockets() {
  if [ "$whole" = no ]; then status open-files failed "$1" "more sockets than this check carries"; else settle open-files "$@"; fi
}
# BusyBox has one too, which knows neither sockets nor options.
have_lsof() { have lsof && bounded 3 lsof -v 2>&1 | grep -q revision; }
open_files() {
  if [ "$(id -u)" = 0 ] && have_lsof; then
    carry open-files 600 60000 lsof_sockets
    sockets_rc=$rc sockets=$lines sockets_whole=$whole
    carry open-files 200 20000 lsof_files
    rc=$sockets_rc lines=$((sockets + lines))
    [ "$sockets_whole" = no ] && whole=no
    settle_sockets lsof
  elif have ss; then
    carry open-files 600 60000 ss_sockets
    # "kept" is always said: more than that one line is content, and no socket at all is an answer of the kernel.
    settle_sockets ss "$([ "$(id -u)" = 0 ] || echo 'listeners only, owners need root')"
  elif [ -r /proc/net/tcp ]; then
    carry open-files 600 60000 proc_sockets
    settle_sockets /proc "$([ "$(id -u)" = 0 ] || echo 'listeners only, owners need root')"
  elif have sockstat; then
    carry open-files 600 60000 sockstat_sockets
    settle_sockets sockstat "listeners only"
  elif have fstat; then
    carry open-files 600 60000 fstat_sockets
    settle_sockets fstat "listeners only"
  elif have netstat; then
    carry open-files 600 60000 netstat_sockets
    settle_sockets netstat "listeners only, without owners"
  else
    status open-files missing - "neither lsof nor ss nor /proc/net nor sockstat, fstat or netstat"
  fi
}

# ---- logs

# share_log auth|other: what may leave the host of a log, one line each behind "line", and "sum" with what was only counted.
# Only lines of the programs that tell of accounts, jobs and the kernel leave, for a resolver, a proxy or a web server may name in
# the log whom people visit; of tor, of packet filters and of continuation lines (whose they are cannot be told) none does.
# What a line says again but for its time leaves once, the newest; logins are each a line.
share_log() {
  awk -v mode="$1" -v user="$self_user" -v source="$self_source" '
    function mask(s) {
      gsub(/[0-9][0-9]?[0-9]?\.[0-9][0-9]?[0-9]?\.[0-9][0-9]?[0-9]?\.[0-9][0-9]?[0-9]?/, "[ip]", s)
      gsub(/[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*/, "[ip]", s)
      gsub(/[0-9a-fA-F:]*::[0-9a-fA-F:.]*/, "[ip]", s)
      return s
    }
    /^[ \t]/ || NF < 4 { next }
    {
      total++
      # A line that does not begin as one of a log (the rest of a cut one) could hold anything.
      if ($1 !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T/ && !($1 ~ /^[A-Z][a-z][a-z]$/ && $3 ~ /^[0-9][0-9]:[0-9][0-9]:[0-9][0-9]/)) { odd++; next }
      at = ($1 ~ /^[0-9]/) ? 2 : 4
      for (i = at; i <= at + 3 && $i !~ /:$/; i++);
      if ($i !~ /:$/) { odd++; next }
      prog = $i; sub(/:$/, "", prog); sub(/\[[0-9]*\]$/, "", prog); sub(/^.*\//, "", prog)
      where = index($0, " " $i " "); msg = substr($0, where + length($i) + 2); head = substr($0, 1, where)
      stamp = (at == 2) ? $1 : $1 " " $2 " " $3
      if (first == "") first = stamp
      last = stamp
    }
    tolower(prog) ~ /^tor/ || / \[(debug|info|notice|warn|err)\] / || /SRC=.*DST=/ { kept++; next }
    mode == "auth" && prog ~ /^sshd/ {
      if (msg !~ /^Accepted /) { if (msg ~ /^(Server listening|pam_unix\(sshd:session\)|subsystem)/) routine++; else failed++; next }
      if (index(msg, "Accepted publickey for " user " from " source " ") == 1) { own++; next }
      login[++logins] = mask(head) substr($0, length(head) + 1); next
    }
    mode == "auth" && prog == "dropbear" {
      if (msg ~ /^(Password|Pubkey) auth succeeded for /) login[++logins] = mask(head) substr($0, length(head) + 1); else failed++
      next
    }
    prog ~ /^(useradd|userdel|usermod|groupadd|groupdel|groupmod|gpasswd|newusers|passwd|chpasswd|chage|doas|pkexec)$/ { tell(); next }
    prog ~ /^(sudo|su)$/ && msg !~ /^pam_unix\((sudo|su)(-l)?:session\)/ { tell(); next }
    prog ~ /^(CRON|cron|crond|anacron|crontab)$/ && msg ~ /^\(.*\) (CMD|REPLACE|EDIT|DELETE) / { tell(); next }
    prog == "kernel" && msg ~ /(promiscuous|taint|module verification)/ { tell(); next }
    { routine++ }
    # The newest of what is the same but for its time and its process.
    function tell(  k) { k = prog " " mask(msg); if (!(k in when)) { order[++told] = k } when[k] = mask($0) }
    END {
      for (i = (logins > 250 ? logins - 249 : 1); i <= logins; i++) print "line", login[i]
      for (i = (told > 250 ? told - 249 : 1); i <= told; i++) print "line", when[order[i]]
      if (total > 0) { gsub(/ /, "_", first); gsub(/ /, "_", last); print "sum total", total, "failed", failed + 0, "routine", routine + 0, "own", own + 0, "kept", kept + 0, "odd", odd + 0, "untold", (logins > 250 ? logins - 250 : 0) + (told > 250 ? told - 250 : 0), "first", first, "last", last }
    }'
}

log_file() { needs bounded "$each" tail -c 4000000 "$2" | share_log "$1"; }
log_journal() {
  mode=$1
  shift
  needs bounded 20 journalctl -q --no-pager --utc -o short-iso --since=-7d -n 40000 "$@" | share_log "$mode"
}

# log PART MODE FACILITY... -- FILE...: the first file that is there, else the journal.
log() {
  part_name=$1
  log_mode=$2
  facilities=
  shift 2
  while [ "$1" != -- ]; do
    facilities="$facilities${facilities:+ + }SYSLOG_FACILITY=$1"
    shift
  done
  shift
  refused=
  nothing=
  for file in "$@"; do
    [ -e "$file" ] || continue
    if [ ! -r "$file" ]; then refused="${refused:-$file}"; continue; fi
    file_facts "$part_name" "$file"
    if [ ! -s "$file" ]; then nothing="${nothing:-$file}"; continue; fi
    # When the first line of this very file was written, for what comes below may begin with an older one.
    head -c 400 "$file" | tr -c ' -~\n' '?' | awk -v p="= $part_name began " '
      NR == 1 && $1 ~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9:.Z+-]*$/ { print p $1 }
      NR == 1 && $1 ~ /^[A-Z][a-z][a-z]$/ && $2 ~ /^[0-9]+$/ && $3 ~ /^[0-9:]+$/ { print p $1 "_" $2 "_" $3 }'
    if [ -s "$file.1" ] && [ -r "$file.1" ]; then
      both() { { bounded "$each" tail -c 2000000 "$2.1"; needs bounded "$each" tail -c 4000000 "$2"; } | share_log "$1"; }
      carry "$part_name" 500 70000 both "$log_mode" "$file"
    else
      carry "$part_name" 500 70000 log_file "$log_mode" "$file"
    fi
    settle "$part_name" "$file"
    return
  done
  if have journalctl; then
    case " $(id -u) $(id -Gn 2>/dev/null) " in
      *' 0 '* | *' adm '* | *' systemd-journal '* | *' wheel '*) ;;
      *) refused="${refused:-the journal}" ;;
    esac
    if [ -z "$refused" ]; then
      # shellcheck disable=SC2086 # several words on purpose
      carry "$part_name" 500 70000 log_journal "$log_mode" $facilities
      [ "$lines" -gt 0 ] && { settle "$part_name" journalctl; return; }
      nothing="${nothing:-the journal}"
    fi
  fi
  if [ -n "$refused" ]; then status "$part_name" denied - "$refused may not be read"
  elif [ -n "$nothing" ]; then status "$part_name" empty - "$nothing has no entry"
  else status "$part_name" missing - "no file of it, and no journal"
  fi
}

# "file PATH SIZE BORN CHANGED OLDER": seconds; of the older, rotated parts that are not empty, when the newest was made: "no" where
# there is none, "?" where that is not known.
file_facts() {
  older=no
  for old in "$2".[0-9]* "$2"-[0-9]*; do
    [ -s "$old" ] || continue
    born=$(stat -c %W "$old" 2>/dev/null)
    case $born in
      '' | 0 | *[!0-9]*) [ "$older" != no ] || older='?' ;;
      *) case $older in *[!0-9]*) older=$born ;; *) [ "$born" -le "$older" ] || older=$born ;; esac ;;
    esac
  done
  printf '= %s file %s %s %s\n' "$1" "$2" "$(stat -c '%s %W %Y' "$2" 2>/dev/null || echo '? ? ?')" "$older"
}

# ---- beyond the procedure's list: what intruders leave

# digests FILE...: "SECONDS SHA256 PATH" of each regular file.
digests() {
  for path in "$@"; do
    [ -f "$path" ] || continue
    # The link of a unit that is switched on: its target belongs to a package.
    if [ -L "$path" ]; then case $(readlink "$path") in /lib/* | /usr/lib/*) continue ;; esac; fi
    if [ ! -r "$path" ]; then echo "$path: permission denied" >&2; continue; fi
    sum=$(bounded 3 sha256sum "$path" 2>/dev/null || bounded 3 sha256 -q "$path" 2>/dev/null)
    printf '%s %s %s\n' "$(stat -c %Y "$path" 2>/dev/null || echo -)" "${sum%% *}" "$path"
  done
}

# Accounts that have root's number or may log in, accounts without a password, and who may become root.
accounts_of() {
  awk -F: 'NF >= 7 && ($3 == 0 || $7 !~ /\/(nologin|false|sync|halt|shutdown)$/) { print "account", $1, $3, ($7 == "" ? "/bin/sh" : $7) }' /etc/passwd
  awk -F: '$1 ~ /^(root|sudo|wheel|adm|docker|disk|shadow)$/ && $4 != "" { print "group", $1, $4 }' /etc/group
  [ -r /etc/shadow ] && awk -F: '$2 == "" { print "open", $1 }' /etc/shadow
  digests /etc/sudoers /etc/sudoers.d/* /usr/local/etc/sudoers 2>/dev/null | tag sudoers
  # Programs that run as root whoever starts them, where such programs are and where nobody should put one.
  bounded 5 find /bin /sbin /usr/bin /usr/sbin /usr/lib /usr/libexec /usr/local /opt /etc /home /root /srv /tmp /var/tmp /var/www /dev/shm /run \
    -xdev -maxdepth 4 -type f -perm -4000 -user 0 2>/dev/null 5>/dev/null | tag suid
}
accounts() {
  carry accounts 600 60000 accounts_of
  settle accounts /etc/passwd "$([ "$(id -u)" = 0 ] || echo 'sudoers and empty passwords need root')"
}

# The fingerprints of the keys that open an account; the keys themselves stay.
keys_of() {
  extra=$(sed -n 's/^[[:space:]]*[Aa]uthorized[Kk]eys[Ff]ile[[:space:]][[:space:]]*//p' /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config 2>/dev/null | head -n 1)
  awk -F: 'NF >= 7 && $6 ~ /^\// { print $1, $6 }' /etc/passwd | while read -r account home; do
    for folder in "$home" "$home/.ssh"; do [ -d "$folder" ] && [ ! -x "$folder" ] && echo "$folder: permission denied" >&2; done
    for name in .ssh/authorized_keys .ssh/authorized_keys2 $extra; do
      case $name in
        .ssh/authorized_keys*) file=$home/$name ;;
        /* | %h/*) file=$(printf '%s' "$name" | sed "s|%u|$account|g; s|%h|$home|g") ;;
        *) continue ;;
      esac
      [ -f "$file" ] || continue
      if [ ! -r "$file" ]; then echo "$file: permission denied" >&2; continue; fi
      printf 'file %s %s %s\n' "$account" "$(stat -c %Y "$file" 2>/dev/null || echo -)" "$file"
      if have ssh-keygen; then bounded 3 ssh-keygen -lf "$file" 2>/dev/null | awk -v a="$account" '{ print "key", a, $2, $NF }'
      else
        # The digest of the key itself, without its options and its comment.
        awk '!/^[ \t]*#/ { for (i = 1; i <= NF; i++) if ($i ~ /^AAAA/) { print $i; break } }' "$file" | while read -r key; do
          printf 'key %s sha256:%s -\n' "$account" "$(printf '%s' "$key" | bounded 3 sha256sum 2>/dev/null | cut -d' ' -f1)"
        done
      fi
    done
  done
}
keys() {
  by=ssh-keygen
  have ssh-keygen || by=sha256sum
  if ! have "$by"; then status keys missing - "neither ssh-keygen nor sha256sum"; return; fi
  carry keys 300 30000 keys_of
  case "$errors" in *denied*)
    status keys denied "$by" "$errors"
    return
    ;;
  esac
  if [ "$lines" -eq 0 ]; then status keys "done" "$by" "no key opens any account"; else settle keys "$by"; fi
}

# Units that lie among those of packages and belong to none.
strange_units() {
  [ -d /var/lib/dpkg/info ] || return 0
  {
    cat /var/lib/dpkg/info/*.list 2>/dev/null | grep '/systemd/system/' | sed 's|^|owned |'
    for path in /usr/lib/systemd/system/*.service /usr/lib/systemd/system/*.timer /lib/systemd/system/*.service /lib/systemd/system/*.timer; do
      [ -f "$path" ] && [ ! -L "$path" ] && echo "unit $path"
    done
  } | awk '{ name = $2; sub(/.*\//, "", name) } $1 == "owned" { known[name] = 1; next } !(name in known) && !(name in said) { print $2; said[name] = 1 }'
}

# What starts by itself: cron, units, rc files, preloaded libraries; a digest of each file, and each job's line.
autostart_rows() {
  strange=$(strange_units)
  # shellcheck disable=SC2086 # a list of files
  digests /etc/crontab /etc/anacrontab /etc/cron.*/* /var/spool/cron/crontabs/* /var/spool/cron/[a-z]* /var/spool/cron/atjobs/a* \
    /etc/rc.local /etc/rc.d/rc.local /etc/profile.d/* /etc/ld.so.preload /etc/modules-load.d/* /etc/init.d/* \
    /etc/systemd/system/*.service /etc/systemd/system/*.timer /etc/systemd/system/*.socket /etc/systemd/system/*.path \
    /etc/systemd/system/*.d/*.conf /usr/local/lib/systemd/system/* $strange \
    /etc/systemd/user/*.service /root/.config/systemd/user/*.service /home/*/.config/systemd/user/*.service \
    /root/.profile /root/.bashrc /root/.bash_profile | tag file
  for file in /etc/crontab /etc/cron.d/* /var/spool/cron/crontabs/* /var/spool/cron/[a-z]*; do
    [ -f "$file" ] && [ -r "$file" ] && awk -v f="$file" '/^[ \t]*[0-9*@]/ { print "job", f, $0 }' "$file"
  done
  for file in /etc/systemd/system/*.service /usr/local/lib/systemd/system/*.service $strange /root/.config/systemd/user/*.service \
    /home/*/.config/systemd/user/*.service /etc/rc.local; do
    [ -f "$file" ] && [ -r "$file" ] && awk -v f="$file" '/^Exec(Start|StartPre|StartPost|Stop|Reload)=/ { sub(/^[A-Za-z]*=[-@:+!]*/, ""); print "exec", f, $0; next } f ~ /rc\.local$/ && /^[ \t]*[^# \t]/ { print "exec", f, $0 }' "$file"
  done
  [ -r /etc/ld.so.preload ] && awk '/^[ \t]*[^# \t]/ { print "preload", $0 }' /etc/ld.so.preload
  if [ "$(id -u)" = 0 ] && [ -d /proc/self ]; then
    bounded "$each" grep -l 'LD_PRELOAD=' /proc/[0-9]*/environ 2>/dev/null | sed 's|/proc/\([0-9]*\)/.*|\1|' | while read -r pid; do
      library=$(tr '\000' '\n' 2>/dev/null <"/proc/$pid/environ" | sed -n 's/^LD_PRELOAD=//p' | head -n 1)
      [ -z "$library" ] || printf 'preloaded %s %s\n' "$pid" "$library"
    done
  fi
}
# Which of those files belong to a package, which the package's own digest vouches for.
autostart_of() {
  autostart_rows
  if have dpkg-query; then
    bounded "$each" dpkg-query -S /etc/crontab /etc/cron.*/* /etc/init.d/* /etc/profile.d/* /etc/systemd/system/* 2>/dev/null | sed -n 's/^[^ ]*: \//owned \//p'
  elif have rpm; then
    bounded "$each" rpm -qf --qf '[%{FILENAMES}\n]' /etc/crontab /etc/cron.*/* /etc/profile.d/* 2>/dev/null | sed -n 's|^/etc/|owned /etc/|p' | sort -u
  fi
}
autostart() {
  carry autostart 900 90000 autostart_of
  case "$errors" in *denied*)
    status autostart denied files "$errors"
    return
    ;;
  esac
  settle autostart files "$([ "$(id -u)" = 0 ] || echo 'crontabs of accounts need root')"
}

# Have the programs on which this check itself relies been changed since their packages brought them?
packages() {
  if have dpkg && bounded 10 dpkg --verify base-files >/dev/null 2>&1; then
    packages_of() {
      have dpkg-query || return 0
      # shellcheck disable=SC2016 # the dollars are dpkg-query's
      installed=$(bounded 5 dpkg-query -W -f '${Package} ${Status}\n' coreutils procps util-linux login passwd openssh-server openssh-sftp-server lsof \
        iproute2 bash dash mawk gawk grep sed sudo libpam-modules libc6 tor 2>/dev/null | awk '/ installed$/ { printf " %s", $1 }')
      # shellcheck disable=SC2086 # a list of names
      bounded 15 dpkg --verify $installed | awk '$1 ~ /^..5/ && $2 != "c" { print "changed", $1, $NF } $1 == "missing" && $NF ~ /^\/(usr\/)?s?bin\// { print "gone", $NF }'
      echo "verified$installed"
    }
    carry packages 100 10000 packages_of
    settle packages dpkg
  elif have rpm; then
    packages_of() {
      # BusyBox has an rpm too, which knows no database.
      bounded 5 rpm -q bash coreutils >/dev/null 2>&1 || return 3
      bounded 20 rpm -V coreutils procps-ng util-linux shadow-utils openssh-server lsof iproute bash gawk grep sed sudo pam glibc 2>/dev/null | awk '$1 ~ /^..5/ && $2 != "c" { print "changed", $1, $NF } $1 == "missing" && $NF ~ /^\/(usr\/)?s?bin\// { print "gone", $NF }'
      echo verified
    }
    carry packages 100 10000 packages_of
    if [ "$rc" = 3 ]; then status packages missing - "rpm knows no package"; else settle packages rpm; fi
  else
    status packages missing - "neither dpkg nor rpm"
  fi
}

# Tor itself: does it run, as what and since when, in which version, and when was its configuration changed. Nothing of its content.
tor_of() {
  printf '%s' "$tor_pids" | tr ',' '\n' | while read -r pid; do
    program=$(readlink "/proc/$pid/exe" 2>/dev/null || echo -)
    case $program in */obfs4proxy | */lyrebird | */snowflake* | */webtunnel* | */meek-* | */conjure*) continue ;; esac
    uid=$(sed -n 's/^Uid:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null)
    # One that is over by now was none that matters.
    [ -n "$uid" ] || continue
    printf 'process %s %s %s\n' "$pid" "$uid" "$program"
    awk -v boot="$boot" -v pid="$pid" '{ sub(/^.*\) [A-Za-z] /, ""); split($0, w, " "); if (boot != "" && w[19] ~ /^[0-9]+$/) print "since", pid, boot + int(w[19] / 100) }' "/proc/$pid/stat" 2>/dev/null
  done
  # shellcheck disable=SC2016 # the dollars are dpkg-query's
  if have dpkg-query && bounded 5 dpkg-query -W -f '${Status} ${Version}\n' tor 2>/dev/null | sed -n 's/^install ok installed /package /p' | grep .; then :
  elif have rpm && bounded 5 rpm -q --qf 'package %{VERSION}-%{RELEASE}\n' tor 2>/dev/null | grep '^package [0-9]'; then :
  elif have apk; then bounded 3 apk info -v 2>/dev/null | sed -n 's/^tor-\([0-9].*\)$/package \1/p'
  elif have pkg_info; then bounded 3 pkg_info 2>/dev/null | sed -n 's/^tor-\([0-9][^ ]*\).*/package \1/p'
  elif have pkg; then bounded 3 pkg query 'package %v' tor 2>/dev/null
  fi
  digests /etc/tor/torrc /etc/tor/torrc.d/* /etc/tor/instances/*/torrc /usr/local/etc/tor/torrc 2>/dev/null | tag config
  return 0
}
tor_state() {
  carry tor 100 10000 tor_of
  if [ "$lines" -eq 0 ]; then status tor empty - "no process, package or configuration of tor was seen"; else settle tor /proc; fi
}

main() {
  started=$(date +%s)
  timeout_kind=none
  # BusyBox's own leaves a child that keeps a pipeline open for up to a second.
  if have timeout && ! timeout --help 2>&1 | grep -q BusyBox; then
    if timeout -k 1 5 true >/dev/null 2>&1; then timeout_kind="by-kill"
    elif timeout 5 true >/dev/null 2>&1; then timeout_kind="by-term"
    fi
  fi
  echo 'exitdesk-probe 1'
  capabilities
  self_facts
  find_tor
  fact tor-processes "$(printf '%s\n' "$tor_pids" | awk -F, '{ print NF }')"
  [ -e /var/log/wtmp ] && file_facts logins /var/log/wtmp
  logins
  sessions
  processes
  open_files
  # Where all goes into one file, as with BusyBox, that is the log of logins too.
  everything=
  [ -e /var/log/auth.log ] || have journalctl || everything=/var/log/messages
  log auth-log auth 4 10 -- /var/log/auth.log /var/log/secure /var/log/authlog ${everything:+"$everything"}
  log syslog other 0 1 3 5 9 -- /var/log/syslog /var/log/messages
  log daemon-log other 3 -- /var/log/daemon.log /var/log/daemon
  accounts
  keys
  autostart
  packages
  tor_state
  fact seconds "$(($(date +%s) - started))"
  echo 'exitdesk-probe end'
}

main </dev/null
exit 0
