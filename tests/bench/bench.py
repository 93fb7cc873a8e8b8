#!/usr/bin/python3
"""Runs the benchmark in rounds and tells what it measured: a table, JSON and a picture.

In each round every peer does every workload once, in shuffled order, in a process of its own. A ratio
is one of two measurements of the same round; what is reported is its median over the rounds, with the
quartiles. A measurement during which other processes took the CPUs is repeated.

In one file: one table of workloads and peers is what is run, printed, drawn and put into the page.
"""
import argparse
import datetime
import json
import os
import platform
import random
import re
import signal
import statistics
import subprocess
import sys
import time

OURS, BARE, PARKING = "waitgroup", "bare", "never-spins"
NAMES = {
    "waitgroup": "waitgroup",
    "never-spins": "waitgroup without spinning",
    "bare": "bare hardware",
    "mutex": "mutex + condvar",
    "nsync": "nsync_counter",
    "latch": "std::latch",
    "absl": "absl::BlockingCounter",
    "go": "Go sync.WaitGroup",
    "crossbeam": "crossbeam WaitGroup",
    "tsan": "TSan: waitgroup",
    "tsan-strict": "TSan: strict=1",
    "tsan-unannotated": "TSan: instrumented, no annotations",
    "tsan-bare": "TSan: bare atomics",
    "before": "the build before",
    "tsan-before": "TSan: the build before",
}
SHORT = {"waitgroup": "waitgroup", "never-spins": "no spin", "mutex": "mutex", "nsync": "nsync", "latch": "latch",
         "absl": "absl", "go": "Go", "crossbeam": "crossbeam"}
ADDERS = ["waitgroup", "bare", "mutex", "nsync", "go", "crossbeam"]
ALL = ["waitgroup", "never-spins", "bare", "mutex", "nsync", "latch", "absl", "go", "crossbeam"]
PARKERS = ["mutex", "nsync", "latch", "absl", "crossbeam"]  # the peers whose waiters are threads
TSAN = ["tsan", "tsan-strict", "tsan-unannotated", "tsan-bare"]
COMMANDS = {"tsan-strict": ("tsan", {"WAITGROUP_OPTIONS": "strict=1"})}
BEFORE = {"waitgroup": "before", "tsan": "tsan-before"}  # the same program of an earlier build, with --before


class Workload:
    """One row or more: a peer's program with its arguments, and what it prints."""

    def __init__(self, key, title, workload, threads, milliseconds, peers, condition="", metrics=None, base=BARE):
        self.key, self.title, self.workload, self.threads = key, title, workload, threads
        self.milliseconds, self.peers, self.condition, self.base = milliseconds, peers, condition, base
        self.metrics = metrics or {"ns": ""}  # what a program prints -> what is added to the title

    def rows(self):
        for metric, suffix in self.metrics.items():
            yield (self.key if metric == "ns" else self.key + "." + metric), self.title + suffix, metric


def release(count, milliseconds):
    plural = "waiter" if count == 1 else "waiters"
    metrics = {"ns": ": done() to the last one back", "done_ns": ": inside done()"}
    if count == 1:
        metrics["p99_ns"] = ": done() to its return, p99"
    return Workload(f"release-{count}", f"{count} sleeping {plural}", "release", count, milliseconds, ALL, metrics=metrics)


def fork_join(condition, title, milliseconds):
    return [
        Workload(f"fork-join-{n}{condition and '-' + condition}", f"fork-join, {n} worker{'s' * (n > 1)}{title}",
                 "fork-join", n, milliseconds, ALL, condition)
        for n in (1, 2, 8)
    ]


WORKLOADS = [
    Workload("add-done", "add + done", "add-done", 1, 12, ADDERS),
    Workload("call-add-done", "add + done in a function of its own", "call-add-done", 1, 12, ADDERS),
    Workload("add-done-wait", "add + done + wait at zero", "add-done-wait", 1, 12, ["waitgroup", "bare", "mutex", "go"]),
    Workload("wait", "wait at zero", "wait", 1, 12, ["waitgroup", "bare", "mutex", "nsync", "latch", "go"]),
    Workload("two-threads", "add + done, two threads on one group", "two-threads", 1, 30, ADDERS),
    *fork_join("", "", 40),
    *fork_join("busy", ", both CPUs busy", 160),
    *fork_join("pinned", ", on one CPU", 40),
    release(1, 60),
    release(8, 40),
    release(64, 50),
    release(512, 120),
    Workload("arrived", "waiter just arrived: done() to its return", "arrived", 1, 20, ALL,
             metrics={"ns": "", "p99_ns": ", p99"}),
    Workload("thread", "fresh group and detached thread", "thread", 1, 40, ALL),
    Workload("futile", "looking on that never pays", "futile", 1, 100, [OURS, PARKING], base=PARKING),
    Workload("tsan-add-done", "TSan: add + done", "add-done", 1, 12, TSAN, base="tsan-bare"),
    Workload("tsan-wait", "TSan: wait at zero", "wait", 1, 12, TSAN, base="tsan-bare"),
    Workload("tsan-add-done-wait", "TSan: add + done + wait at zero", "add-done-wait", 1, 12, TSAN, base="tsan-bare"),
]

# (row, what it is compared with, at most): a peer, or the best of several. Level with the best is within
# the 5 % that are level with the hardware: of equals that the kernel puts to sleep, one is always first.
LEVEL = 1.05
KERNEL = ["mutex", "nsync", "crossbeam"]
TARGETS = (
    [
        ("add-done", [BARE], 1.03), ("add-done", ["go"], 0.75), ("add-done", ["mutex", "nsync", "go", "crossbeam"], 0.75),
        ("add-done-wait", [BARE], 1.03), ("add-done-wait", ["go"], 1.0),
        ("wait", [BARE], 1.4), ("wait", ["mutex", "nsync", "latch", "go"], 1.0),
        ("two-threads", [BARE], 1.10), ("two-threads", ["go"], 1.0),
    ]
    + [(f"fork-join-{n}", [BARE], 1.0) for n in (1, 2, 8)]
    + [(f"fork-join-{n}{c}", PARKERS, LEVEL) for c in ("", "-busy", "-pinned") for n in (1, 2, 8)]
    + [(f"fork-join-{n}{c}", [PARKING], 1.10) for c in ("-busy", "-pinned") for n in (1, 2, 8)]
    + [t for n in (1, 8, 64, 512) for t in ((f"release-{n}", [BARE], 1.05), (f"release-{n}", KERNEL, 1.0))]
    + [
        ("release-1", PARKERS, LEVEL),
        ("arrived", [BARE], 0.5), ("arrived", ["latch"], 1.0),
        ("thread", [BARE], 1.05), ("thread", PARKERS, LEVEL),
        ("tsan-add-done", ["tsan-unannotated"], 0.75),
    ]
)
STRICT_TARGETS = [("tsan-add-done", 1.15), ("tsan-add-done-wait", 1.15)]
FUTILE_NANOSECONDS = 100  # the most that looking on may cost where it never pays
NO_WORSE = 1.03           # than the build before


# ------------------------------------------------------------------------------------- measuring

def busy_time():
    """Seconds that all CPUs have worked, and that the hypervisor has stolen."""
    with open("/proc/stat") as stat:
        ticks = [int(word) for word in stat.readline().split()[1:]]
    hertz = os.sysconf("SC_CLK_TCK")
    return (sum(ticks[:3]) + sum(ticks[5:8])) / hertz, ticks[7] / hertz


class Hogs:
    """One process for each CPU that computes all the time."""

    def __enter__(self):
        self.processes = [
            subprocess.Popen(["taskset", "-c", str(cpu), "sh", "-c", "while :; do :; done"])
            for cpu in sorted(os.sched_getaffinity(0))
        ]
        time.sleep(0.05)

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.wait()


def measure(directory, workload, peer, scale):
    """The numbers that a peer's program prints, and whether others disturbed it."""
    program, environment = COMMANDS.get(peer, (peer, {}))
    command = [os.path.join(directory, program), workload.workload, str(workload.threads),
               str(workload.milliseconds * scale)]
    if workload.condition == "pinned":
        command = ["taskset", "-c", str(min(os.sched_getaffinity(0)))] + command
    before, stolen = busy_time()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                               env={**os.environ, **environment})
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} ended with status {process.returncode}")
    after, stolen_after = busy_time()
    foreign = after - before - usage.ru_utime - usage.ru_stime
    numbers = {name: float(value) for name, value in (line.split() for line in output.splitlines())}
    missing = set(workload.metrics) - set(numbers)
    if missing:
        sys.exit(f"bench: {' '.join(command)} did not print {', '.join(sorted(missing))}")
    # The clocks of /proc/stat tick in 10 ms.
    disturbed = workload.condition != "busy" and (foreign > 0.025 or stolen_after > stolen)
    return numbers, disturbed


def run_rounds(directory, rounds, seconds, scale, workloads):
    """rows[key][peer] = one value for each round; and how many measurements stayed disturbed."""
    rows, disturbed, total = {}, 0, 0
    begin = time.monotonic()
    for number in range(rounds):
        elapsed = time.monotonic() - begin
        if number >= 9 and elapsed * (number + 1) / number > seconds:
            break
        for index, workload in enumerate(workloads):
            progress(f"round {number + 1} of {rounds}, {int(time.monotonic() - begin)} s: {workload.title}", index == 0)
            peers = list(workload.peers)
            random.shuffle(peers)

            def measure_all():
                nonlocal disturbed, total
                for peer in peers:
                    for attempt in range(3):
                        numbers, noisy = measure(directory, workload, peer, scale)
                        # Patience is limited: all the repeats must fit into the time too.
                        if not noisy or time.monotonic() - begin > (number + 1) * seconds / rounds:
                            break
                    total += 1
                    disturbed += noisy
                    for key, _, metric in workload.rows():
                        rows.setdefault(key, {}).setdefault(peer, []).append(numbers[metric])

            if workload.condition == "busy":
                with Hogs():
                    measure_all()
            else:
                measure_all()
    progress("", False)
    return rows, disturbed, total


def progress(text, first):
    """One line that changes; where there is no terminal, one line for each round."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + text)
    elif first:
        sys.stderr.write(text + "\n")
    sys.stderr.flush()


# ------------------------------------------------------------------------------------- reporting

def spread(values):
    """Median and quartiles."""
    if len(values) < 2:
        return {"median": values[0], "q1": values[0], "q3": values[0]}
    q1, median, q3 = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": median, "q1": q1, "q3": q3}


def ratio(row, peer, base):
    return spread([a / b for a, b in zip(row[peer], row[base])])


def output_of(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout.strip()
    except OSError:
        return "unknown"


def machine():
    cpu = re.search(r"model name\s*:\s*(.*)", open("/proc/cpuinfo").read())
    release_name = re.search(r'PRETTY_NAME="(.*)"', open("/etc/os-release").read())
    return {
        "cpu": cpu.group(1) if cpu else platform.machine(),
        "virtual": " hypervisor " in open("/proc/cpuinfo").read(),
        "cpus": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "system": release_name.group(1) if release_name else platform.system(),
        "compiler": output_of(os.environ.get("CC", "cc"), "--version").splitlines()[0],
        "load": os.getloadavg()[0],
    }


def summarize(rows, workloads, disturbed, total):
    report_rows = []
    for workload in workloads:
        for key, title, _ in workload.rows():
            row = rows[key]
            report_rows.append({
                "key": key, "title": title, "base": workload.base,
                "peers": {peer: {"ns": spread(row[peer]), "ratio": ratio(row, peer, workload.base)}
                          for peer in workload.peers},
            })
    targets = []

    def target(key, ours, others, limit):
        best = min(others, key=lambda peer: statistics.median(rows[key][peer]))
        measured = ratio(rows[key], ours, best)
        targets.append({"row": key, "peer": ours, "against": best, "best_of": others, "limit": limit, "ratio": measured,
                        "met": measured["median"] <= limit})

    for key, others, limit in TARGETS:
        if key in rows:
            target(key, "tsan" if key.startswith("tsan") else OURS, others, limit)
    for key, limit in STRICT_TARGETS:
        if key in rows:
            target(key, "tsan-strict", ["tsan"], limit)
    for ours, before in BEFORE.items():
        for key, row in rows.items():
            if before in row and not key.startswith("fork-join"):  # those have targets of their own
                target(key, ours, [before], NO_WORSE)
    if "futile" in rows:
        cost = spread(rows["futile"][OURS])
        targets.append({"row": "futile", "peer": OURS, "limit": FUTILE_NANOSECONDS, "ns": cost,
                        "met": cost["median"] <= FUTILE_NANOSECONDS})
    return {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "rounds": len(next(iter(next(iter(rows.values())).values()))),
        "measurements": total, "disturbed": disturbed,
        "rows": report_rows, "targets": targets,
    }


def human(ns):
    for unit, size in (("ms", 1e6), ("us", 1e3)):
        if ns >= size:
            return f"{ns / size:.3g} {unit}"
    return f"{ns:.3g} ns"


def relative(ratio):
    return f"{ratio:.2f}" if ratio >= 0.095 else f"{ratio:.1g}"


def tell(target):
    if "ns" in target:
        low, median, high = (human(target["ns"][q]) for q in ("q1", "median", "q3"))
        return f"{median} ({low} to {high}), target {human(target['limit'])}"
    low, median, high = (relative(target["ratio"][q]) for q in ("q1", "median", "q3"))
    return f"{median} ({low} to {high}) of {NAMES[target['against']]}, target {target['limit']:.2f}"


def cells(report):
    """The table, as lists of words: time of the bare hardware, and ratios to it."""
    peers = [BARE, *SHORT]
    yield ["", "bare", *(SHORT[p] for p in peers[1:])]
    for row in report["rows"]:
        if row["base"] == BARE:
            yield [row["title"], human(row["peers"][BARE]["ns"]["median"]),
                   *(relative(row["peers"][p]["ratio"]["median"]) if p in row["peers"] else "-" for p in peers[1:])]


def print_table(report):
    lines = list(cells(report))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    print("\nTime on bare hardware, and times relative to it (medians of "
          f"{report['rounds']} rounds; {report['disturbed']} of {report['measurements']} measurements disturbed)\n")
    for line in lines:
        print("  ".join([line[0].ljust(widths[0])] + [word.rjust(width) for word, width in zip(line[1:], widths[1:])]))
    print("\nWith ThreadSanitizer")
    for row in report["rows"]:
        if row["base"] == "tsan-bare":
            print(f"  {row['title']}: " + ", ".join(
                f"{NAMES[p].replace('TSan: ', '')} {human(v['ns']['median'])}" for p, v in row["peers"].items()))
    print("\nTargets")
    for t in report["targets"]:
        print(f"  {'met   ' if t['met'] else 'MISSED'} {t['row']}: {tell(t)}")
    print(f"\n{sum(t['met'] for t in report['targets'])} of {len(report['targets'])} targets met")


STYLES = {"waitgroup": (7, "#c0392b"), "never-spins": (6, "#c0392b"), "mutex": (5, "#7f8c8d"), "nsync": (9, "#2980b9"),
          "latch": (11, "#8e44ad"), "absl": (13, "#27ae60"), "go": (15, "#16a2b8"), "crossbeam": (2, "#d35400")}


def draw(report, directory, picture):
    """One line for each row, one mark for each peer, at its ratio to the bare hardware; quartiles for ours."""
    rows = [row for row in report["rows"] if row["base"] == BARE]
    data = os.path.join(directory, "bench.dat")
    with open(data, "w") as file:
        for peer in STYLES:
            for index, row in enumerate(rows):
                if peer in row["peers"]:
                    r = row["peers"][peer]["ratio"]
                    file.write(f"{r['median']:.4f} {len(rows) - index} {r['q1']:.4f} {r['q3']:.4f}\n")
            file.write("\n\n")
    ratios = [row["peers"][peer]["ratio"][q] for row in rows for peer in STYLES if peer in row["peers"] for q in ("q1", "q3")]
    low, high = min(ratios) / 1.5, max(ratios) * 1.5
    labels = ", ".join(f'"{row["title"]}, {human(row["peers"][BARE]["ns"]["median"])}" {len(rows) - index}'
                       for index, row in enumerate(rows))
    order = [peer for peer in STYLES if peer != OURS] + [OURS]
    plots = ", ".join(
        f'"{data}" index {list(STYLES).index(peer)} {"using 1:2:3:4 with xerrorbars" if peer == OURS else "with points"} '
        f'pt {STYLES[peer][0]} '
        f'ps {1 if peer == OURS else 0.7} lw 1 lc rgb "{STYLES[peer][1]}" title "{NAMES[peer]}"'
        for peer in order)
    script = f"""
set terminal svg size 1000,{160 + 22 * len(rows)} font "sans-serif,12" background "#ffffff" noenhanced
set title "Time relative to bare hardware, whose own time stands beside the workload. Less is better." offset -12,0
set logscale x
set xrange [{low}:{high}]
set yrange [0.3:{len(rows)}.7]
set ytics ({labels}) scale 0
set format x "%g"
set grid xtics lc rgb "#dddddd" lt 1
set lmargin at screen 0.42
set rmargin at screen 0.98
set key at screen 0.5, screen 0.005 bottom center horizontal maxrows 2 samplen 1 width 1
set bmargin 7
set arrow from 1, graph 0 to 1, graph 1 nohead lw 1.5 lc rgb "#000000"
plot {plots}
"""
    drawn = subprocess.run(["gnuplot"], input=script, text=True, check=True, stdout=subprocess.PIPE).stdout
    # gnuplot repeats its style with every mark, the colour in its longest form; half of the file is that.
    drawn = re.sub(r"rgb\( *(\d+), *(\d+), *(\d+)\)", lambda m: "#%02x%02x%02x" % tuple(map(int, m.groups())), drawn)
    subprocess.run(["scour", "--quiet", "--set-precision=4", "--set-c-precision=3", "--indent=none", "--no-line-breaks",
                    "--create-groups", "--enable-comment-stripping", "--remove-descriptive-elements",
                    "--enable-id-stripping", "--shorten-ids", "-o", picture],
                   input=drawn, text=True, check=True)


def add_before(workloads, directory):
    """An earlier build beside ours; it does not know the workload that only we have."""
    for program, peer in BEFORE.items():
        COMMANDS[peer] = (os.path.join(os.path.abspath(directory), program), {})
        for workload in workloads:
            if program in workload.peers and workload.base != PARKING:
                workload.peers = workload.peers + [peer]


def run(arguments):
    workloads = [w for w in WORKLOADS if re.search(arguments.only, w.key)]
    if not workloads:
        sys.exit(f"bench: no workload matches {arguments.only!r}")
    if arguments.before:
        add_before(workloads, arguments.before)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends too
    rounds, scale = (1, 0.05) if arguments.short else (arguments.rounds, 1)
    rows, disturbed, total = run_rounds(arguments.directory, rounds, arguments.seconds, scale, workloads)
    report = summarize(rows, workloads, disturbed, total)
    name = "bench-short" if arguments.short else "bench"
    path = os.path.join(arguments.directory, name + ".json")
    with open(path, "w") as file:
        json.dump(report, file, indent=1)
    with open(path) as file:
        report = json.load(file)
    picture = os.path.join(arguments.directory, name + ".svg")
    if any(row["base"] == BARE for row in report["rows"]):
        draw(report, arguments.directory, picture)
    if arguments.short:
        print(f"bench: {total} measurements of {len(workloads)} workloads ran; {path} and {picture} written")
        return
    print_table(report)
    print(f"{path}\n{picture}")


# --------------------------------------------------------------------------- the page in tests/bench

PAGE = "tests/bench/results.md"


def noise(report):
    """How far the same work of the bare hardware differs from round to round."""
    spans = {}
    for row in report["rows"]:
        if row["base"] == BARE:
            ns = row["peers"][BARE]["ns"]
            spans[row["title"]] = (ns["q3"] - ns["q1"]) / ns["median"]
    usual, worst = statistics.median(spans.values()), max(spans, key=spans.get)
    return ("The middle half of the rounds, of one and the same bare program, spans "
            f"{usual:.0%} of its median in the usual row and {spans[worst]:.0%} in the worst (*{worst}*)")


def page(arguments):
    with open(arguments.json) as file:
        report = json.load(file)
    m = report["machine"]
    text = ["# Results of `make bench`\n",
            f"Measured {report['date']} on {m['cpus']} {'virtual ' if m['virtual'] else ''}CPUs of an {m['cpu']} "
            f"({m['system']}, Linux {m['kernel']}, {m['compiler']}): medians of {report['rounds']} interleaved rounds. Other "
            f"processes disturbed {report['disturbed']} of {report['measurements']} measurements. {noise(report)}.\n",
            "![Times relative to the bare hardware](bench.svg)\n"]
    lines = list(cells(report))
    lines[0][0] = "relative to bare hardware"
    text.append("| " + " | ".join(lines[0]) + " |")
    text.append("|---|" + "---:|" * (len(lines[0]) - 1))
    text += ["| " + " | ".join(line) + " |" for line in lines[1:]]
    text.append("\n| with ThreadSanitizer | " + " | ".join(NAMES[p].replace("TSan: ", "") for p in TSAN) + " |")
    text.append("|---|" + "---:|" * len(TSAN))
    for row in report["rows"]:
        if row["base"] == "tsan-bare":
            text.append(f"| {row['title'].replace('TSan: ', '')} | "
                        + " | ".join(human(row["peers"][p]["ns"]["median"]) for p in TSAN) + " |")
    titles = {row["key"]: row["title"] for row in report["rows"]}
    missed = [t for t in report["targets"] if not t["met"]]
    text.append(f"\n{len(report['targets']) - len(missed)} of {len(report['targets'])} targets were met"
                + (". Missed:" if missed else "."))
    text += [f"{chr(10) * (t is missed[0])}- {titles[t['row']]}: {tell(t)}" for t in missed] + [""]
    with open(PAGE, "w") as file:
        file.write("\n".join(text))
    with open("tests/bench/bench.json", "w") as file:
        json.dump(report, file, indent=1)
        file.write("\n")
    draw(report, os.path.dirname(arguments.json), "tests/bench/bench.svg")
    print(f"{PAGE}, tests/bench/bench.json and tests/bench/bench.svg tell the run of " + report["date"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run")
    command.add_argument("directory", help="of the peers' programs, and for the results")
    command.add_argument("--rounds", type=int, default=31)
    command.add_argument("--seconds", type=float, default=450, help="start no round that would end later (after 9)")
    command.add_argument("--short", action="store_true", help="each workload once and briefly, to see that all run")
    command.add_argument("--only", default="", metavar="REGEX", help="of the workloads' keys")
    command.add_argument("--before", metavar="DIRECTORY", help="of an earlier build's programs, to be compared with")
    command.set_defaults(action=run)
    command = commands.add_parser("page")
    command.add_argument("json")
    command.set_defaults(action=page)
    arguments = parser.parse_args()
    arguments.action(arguments)


if __name__ == "__main__":
    main()
