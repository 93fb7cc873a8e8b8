"""Schedules are shrunk until no switch, alone or with others, can be left out, and stand at acts where they can."""

import itertools
import os
import subprocess
from types import SimpleNamespace

from support import HERE, RaceTest, program
from racetest.schedule import Server, rotation  # pylint: disable=wrong-import-order
from racetest.schedule_memory import PHASES  # pylint: disable=wrong-import-order
from racetest.schedule_shrink import shrink  # pylint: disable=wrong-import-order
from racetest.schedule_text import Schedule  # pylint: disable=wrong-import-order

GCC = 1  # the folder whose programs have ThreadSanitizer as a shared library


def switch(number):
    return (0, number + 1, 0, 1)


class Imagined:
    """A program with a problem that a rule tells: of the switches that a run has made."""

    kinds = ["lock", "create"]
    timeout = 10

    def __init__(self, rule, acts=(), phases=range(PHASES)):
        self.rule, self.phases = rule, phases
        self.acts = [SimpleNamespace(thread=0, step=1, kind=1, argument=1, held=False),
                     *(SimpleNamespace(thread=0, step=step, kind=0, argument=0, held=False) for step in acts)]

    def replay(self, schedule, _=0):
        return SimpleNamespace(switches=list(schedule.switches), schedule=schedule, trace=self.acts, events=self.acts,
                               seconds=0.01)

    def cpu_of_runs(self):
        return 0

    def shown_by(self, run):
        return {"problem"} if run.schedule.phase in self.phases and self.rule(run.switches) else set()

    def shrunk(self, count, phase=0):
        return shrink(self, self.replay(Schedule([switch(number) for number in range(count)], phase)), "problem",
                      self.shown_by)[0]


class Shrinking(RaceTest):
    def all_or_none(self, pairs, needed):
        """A switch away and the one back only go together."""
        return Imagined(lambda made: needed in made and all((switch(a) in made) == (switch(b) in made) for a, b in pairs))

    def test_pairs_beside_each_other(self):
        pairs = [(number, number + 1) for number in range(0, 12, 2)]
        self.assertEqual(self.all_or_none(pairs, switch(12)).shrunk(13), Schedule([switch(12)]))

    def test_pairs_apart(self):
        pairs = [(number, 11 - number) for number in range(6)]
        self.assertEqual(self.all_or_none(pairs, switch(12)).shrunk(13), Schedule([switch(12)]))

    def test_one_switch_elsewhere_instead_of_two(self):
        two, other = {switch(1), switch(2)}, [switch(7)]
        program_of_two = Imagined(lambda made: two <= set(made) or made == other, acts=range(2, 12))
        self.assertEqual(program_of_two.shrunk(4), Schedule(other))

    def test_what_nobody_can_shrink(self):
        whole = [switch(number) for number in range(7)]
        self.assertEqual(Imagined(lambda made: made == whole).shrunk(7), Schedule(whole))
        self.assertIsNone(Imagined(lambda made: False).shrunk(7))

    def test_the_phase_stays_if_it_is_needed(self):
        needed = [switch(1)]
        self.assertEqual(Imagined(lambda made: needed[0] in made, phases={2}).shrunk(4, phase=2), Schedule(needed, 2))
        self.assertEqual(Imagined(lambda made: needed[0] in made).shrunk(4, phase=2), Schedule(needed))

    def test_a_lost_wakeup_needs_one_switch(self):
        with Server([program("orders", GCC), "lost-wakeup"], timeout=60) as server:
            run = server.replay(Schedule([(0, 3, 0, 1), (1, 1, 0, 0), (0, 4, 0, 1)]))
            self.assertEqual(len(run.switches), 3)
            self.assertEqual(shrink(server, run, ("deadlock",), lambda shown: shown.verdicts())[0], Schedule([(0, 4, 0, 1)]))

    def test_a_queue_of_two_takers(self):
        """Whatever schedule showed it first."""
        binary = self.file("queue")
        subprocess.run(["g++", "-g", "-O1", "-fsanitize=thread", "-pthread", os.path.join(HERE, "queue.cpp"), "-o", binary],
                       check=True)
        with Server([binary], timeout=60) as server:
            runs = (server.run(*rotation(number), seed=number + 1) for number in range(600))
            for run in itertools.islice((run for run in runs if ("SIGABRT",) in run.verdicts()), 4):
                made, tries = shrink(server, run, ("SIGABRT",), lambda shown: shown.verdicts())
                self.assertLess(tries, 200)
                self.assertEqual([one for one in made.switches if one[2]], [], "held at an access")
                for kept in range(len(made.switches)):
                    for fewer in itertools.combinations(made.switches, kept):
                        self.assertNotIn(("SIGABRT",), server.replay(Schedule(fewer)).verdicts(), (made, fewer))
