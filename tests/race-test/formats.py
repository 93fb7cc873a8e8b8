"""What is written for other programs."""

import os
import subprocess

from support import ENOUGH, HERE, RACE, TOP, RaceTest, program


class Formats(RaceTest):
    def test_junit(self):
        path = self.file("out.xml")
        for status, arguments in ((1, ["-n", 2, "--", program("modes"), "several"]), (2, [program("plain/modes")]),
                                  (0, ["-n", 2, program("modes")]),
                                  (1, ["-n", 2, "--timeout", ENOUGH, "--", program("modes"), "hang"])):
            self.run_it(status, "--junit", path, *arguments)
            subprocess.run(["xmllint", "--noout", "--schema", os.path.join(HERE, "junit.xsd"), path], check=True,
                           stderr=subprocess.DEVNULL)
        with open(path, encoding="utf-8") as file:
            self.assertIn('failures="1"', file.read())

    def test_sarif(self):
        results, programs = self.sarif(1, "-n", 3, "--", program("modes"), "several", GITHUB_WORKSPACE=TOP)
        race = results[RACE]
        self.assertEqual(race["occurrenceCount"], 3)
        place = race["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], "tests/race-test/modes.c")
        with open(os.path.join(HERE, "modes.c"), encoding="utf-8") as file:
            self.assertIn("shared++", file.read().splitlines()[place["region"]["startLine"] - 1])
        prints = [r["partialFingerprints"]["raceTestKey/v1"] for r in results.values()]
        self.assertEqual(len(set(prints)), 4)
        again, _ = self.sarif(1, "-n", 1, "--", program("moved/modes"), "race")
        self.assertEqual(again[RACE]["partialFingerprints"], race["partialFingerprints"])
        self.assertEqual(programs["modes"]["runs"], 3)
