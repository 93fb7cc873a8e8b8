#!/bin/sh
# system_calls.sh PROGRAM: counts the system calls of add, done and wait.
set -eu
trace=$1.strace
command -v strace >/dev/null || { echo "system_calls.sh: needs strace (apt-get install strace)" >&2; exit 1; }
strace -f -o "$trace" "$1"
awk '
    NR == 1 { main = $1 }
    $1 != main || $2 == "<..." { next } # the end of a call that was counted when it began
    /write\(-1, "end"/ { print part ": " calls " system calls" details; seen[part] = calls details; part = ""; next }
    /write\(-1, / { split($0, word, "\""); part = word[2]; calls = 0; details = ""; next }
    part != "" { calls++; $1 = ""; details = details ", " $0 }
    END {
        ok = seen["nobody waits"] == "0" && seen["not the last done"] == "0" &&
             seen["the last done"] ~ /^1,  futex\(0x[0-9a-f]+, FUTEX_WAKE_PRIVATE, 5/
        print ok ? "system calls: ok" : "system calls: expected none, none and one futex wake of 5"
        exit !ok
    }
' "$trace"
