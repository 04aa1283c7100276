"""Killed at random moments, every third time once more while it resumes."""

import random
import signal
import time


def run(trials, count, seed):
    def trial(case, folder):
        chance = random.Random(f"{seed} kills {case}")
        for _ in range(2 if case % 3 == 0 else 1):
            process = trials.study.start(folder)
            time.sleep(chance.uniform(0, 1.1 * trials.seconds))
            process.send_signal(signal.SIGKILL)
            trials.study.end(process)
        return trials.resumed(folder)

    return trials.run_all("kills", range(count or 50), trial)
