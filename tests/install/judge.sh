# shellcheck shell=sh
# Verdicts for the install tests: source this, then `check`, `judge` and last `finish`. Everything is
# counted, a failure shows its output and does not stop the others.
passed=0
failed=0
work=${work:?}

needs() { # needs TOOL...: the tools, or the cure
    for tool; do
        command -v "$tool" >/dev/null || {
            echo "$0: needs $tool (ci/run ${target:?} installs it)" >&2
            exit 2
        }
    done
}

report() { # report STATUS NAME
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok      $2"
    else
        failed=$((failed + 1))
        echo "FAILED  $2"
        sed 's/^/        /' "$work/output" | head -40
    fi
}

check() { # check NAME COMMAND...: it succeeds
    check_name=$1
    shift
    "$@" >"$work/output" 2>&1
    report $? "$check_name"
}

is_verdict() { # is_verdict MODE: does $work/output, with exit status $status, deserve MODE's verdict?
    summaries=$(grep -c '^SUMMARY: ' "$work/output")
    case $1 in
    clean) # the program's own word that it came to its end, and nobody else's
        [ "$status" -eq 0 ] && [ "$(cat "$work/output")" = DONE ] ;;
    misuse) # under its own header, with the line of the caller
        [ "$status" -eq 66 ] && grep -qx DONE "$work/output" && [ "$summaries" -eq 1 ] &&
            grep -q '^WARNING: ThreadSanitizer: WaitGroup misuse: Add called concurrently with Wait' "$work/output" &&
            grep -q '^SUMMARY: ThreadSanitizer: WaitGroup misuse' "$work/output" &&
            grep -q '#[0-9] user_adds' "$work/output" && grep -q '#[0-9] wait_in_the_past' "$work/output" ;;
    unordered) # the user's own race, which the library must not hide
        [ "$status" -eq 66 ] && grep -qx DONE "$work/output" && [ "$summaries" -eq 1 ] &&
            grep -q '^SUMMARY: ThreadSanitizer: data race .* in user_reads' "$work/output" ;;
    panic)
        [ "$status" -eq 134 ] && grep -qx 'panic: sync: negative WaitGroup counter' "$work/output" ;;
    *) echo "no such verdict: $1" >&2; exit 2 ;;
    esac
}

judge() { # judge MODES NAME COMMAND...: COMMAND MODE deserves each of the verdicts
    modes=$1
    judge_name=$2
    shift 2
    for mode in $modes; do
        # In a shell of its own, whose remark on the abort goes to nobody.
        (timeout -s KILL 60 "$@" "$mode" >"$work/output" 2>&1; exit $?) 2>/dev/null
        status=$?
        is_verdict "$mode"
        report $? "$judge_name: $mode"
    done
}

finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
