"""SARIF 2.1.0, written and read back; the properties hold what --merge needs to go on from here."""

import hashlib
import json
import os
from typing import Any
from urllib.parse import quote

from racetest.problem import Place, Problem
from racetest.program import Program
from racetest.results import Results, Shard, relative
from racetest.text import slug
from racetest.trouble import Trouble

Object = dict[str, Any]


def sarif(results: Results) -> Object:
    kinds = sorted({p.kind for p in results.problems})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "race-test", "rules": [
                {"id": slug(k), "shortDescription": {"text": k},
                 "defaultConfiguration": {"level": "error"}} for k in kinds]}},
            "invocations": [{
                "executionSuccessful": not results.trouble and not results.interrupted,
                "exitCode": results.status,
                "toolExecutionNotifications": [
                    *({"level": "error", "message": {"text": f"{p.name}: {p.trouble}"}} for p in results.trouble),
                    *({"level": "note", "message": {"text": note}} for note in results.notes())],
                "properties": {
                    "seed": results.seed, "shards": [shard._asdict() for shard in results.shards],
                    "seconds": round(results.seconds, 3),
                    "interrupted": results.interrupted or "",
                    "programs": [{"name": p.name, "runs": p.done, "runsWithProblems": p.bad, "hangs": p.hangs,
                                  "cpuSeconds": round(p.cpu, 3), "wallSeconds": round(p.wall, 3),
                                  "oldClang": p.old_clang or 0, "uncontrolled": p.uncontrolled,
                                  "trouble": p.trouble or ""}
                                 for p in results.programs]},
            }],
            "results": [result(results, p, kinds.index(p.kind)) for p in results.problems],
            "columnKind": "unicodeCodePoints",
        }],
    }


def result(results: Results, problem: Problem, rule: int) -> Object:
    entry: Object = {
        "ruleId": slug(problem.kind), "ruleIndex": rule, "level": "error",
        "message": {"text": f"{problem.key}\n{results.where(problem)}\n\n{problem.report}"},
        "locations": [location(place) for place in problem.places[:1]],
        "occurrenceCount": problem.runs,
        "partialFingerprints": {"raceTestKey/v1": hashlib.sha256(problem.key.encode()).hexdigest()},
        "properties": {"key": problem.key, "kind": problem.kind, "report": problem.report,
                       "command": problem.command, "seeds": problem.seeds, "places": problem.places,
                       "unnamed": problem.unnamed, "paths": sorted(problem.paths),
                       "programs": dict(problem.programs)},
    }
    if problem.places[1:]:
        entry["relatedLocations"] = [{"id": n, **location(place), "message": {"text": "the other access"}}
                                     for n, place in enumerate(problem.places[1:], 1)]
    if problem.key in results.known:
        entry["suppressions"] = [{"kind": "external", "justification": results.known[problem.key] or "known"}]
    return entry


def location(place: Place) -> Object:
    return {"physicalLocation": {"artifactLocation": artifact(place.file), "region": {"startLine": place.line or 1}},
            "logicalLocations": [{"name": place.function, "kind": "function"}]}


def artifact(file: str) -> Object:
    path = relative(file)
    if os.path.isabs(path):
        return {"uri": "file://" + quote(path)}
    return {"uri": quote(os.path.normpath(path)), "uriBaseId": "%SRCROOT%"}


class Merger:
    """The shards' results as one: counts add up."""

    def __init__(self) -> None:
        self.problems: dict[str, Problem] = {}
        self.programs: dict[str, Program] = {}
        self.seconds, self.interrupted = 0.0, ""
        self.shards: list[Shard] = []

    def take_invocation(self, facts: Object) -> None:
        self.seconds = max(self.seconds, facts["seconds"])
        self.shards += [Shard(s["number"], s["of"], s["seed"], s["runs"], tuple(s["programs"]))
                        for s in facts["shards"]]
        self.interrupted = self.interrupted or facts["interrupted"]
        for p in facts["programs"]:
            program = self.programs.setdefault(p["name"], Program(p["name"]))
            program.done += p["runs"]
            program.bad += p["runsWithProblems"]
            program.hangs += p["hangs"]
            program.cpu += p["cpuSeconds"]
            program.wall += p["wallSeconds"]
            program.old_clang = program.old_clang or p["oldClang"] or None
            program.uncontrolled = program.uncontrolled or p["uncontrolled"]
            program.trouble = program.trouble or p["trouble"] or None

    def take_result(self, facts: Object) -> None:
        told = Problem(facts["key"], facts["kind"], facts["report"], [Place(*place) for place in facts["places"]],
                       facts["unnamed"], facts["command"])
        problem = self.problems.setdefault(told.key, told)
        if told.is_schedule and not problem.is_schedule:
            problem.command, problem.report = told.command, told.report
        problem.programs.update(facts["programs"])
        problem.paths.update(facts["paths"])
        problem.seeds += facts["seeds"]

    def check(self) -> None:
        """Each of the shards is there, and once: a lost one would make a job green that is not."""
        parts: dict[Shard, list[int]] = {}
        for shard in self.shards:
            parts.setdefault(shard._replace(number=0), []).append(shard.number)
        for whole, numbers in parts.items():
            for number in range(1, whole.of + 1):
                times = numbers.count(number)
                if times != 1:
                    runs = f", -n {whole.runs}" if whole.runs else ""
                    raise Trouble(f"shard {number}/{whole.of} of {', '.join(whole.programs)}, --seed {whole.seed}{runs}"
                                  f" is {f'there {times} times' if times else 'missing'}")


def merged(files: list[str], known: dict[str, str]) -> Results:
    merger = Merger()
    for file in files:
        try:
            with open(file, encoding="utf-8") as stream:
                runs = json.load(stream)["runs"]
            for run in runs:
                for invocation in run["invocations"]:
                    merger.take_invocation(invocation["properties"])
                for entry in run["results"]:
                    merger.take_result(entry["properties"])
        except OSError as error:
            raise Trouble(f"{file}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Trouble(f"{file}: not a SARIF file of race-test") from None
    merger.check()
    return Results(merger.problems.values(), list(merger.programs.values()), merger.seconds, merger.shards, known,
                   merger.interrupted or None)
