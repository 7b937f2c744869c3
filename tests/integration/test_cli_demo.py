"""`millrace demo`: scores, swaps twice, accuracy rises, and its books find a result that is lost."""
import re


def test_demo(millrace):
    run = millrace.run("demo", "--for", "9s", "--rate", "500", "--http.port", "any", seconds=120)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "swap 1: wine-2-regression takes over from wine-1-stump" in run.stdout
    assert "swap 2: wine-3-forest takes over from wine-2-regression" in run.stdout
    assert len(re.findall(r"^ +\d+ s .* records/s .* accuracy .* p50 .* p99 .* swaps \d .* drops 0$", run.stdout,
                          re.MULTILINE)) >= 7
    right = [float(each) for each in re.findall(r"results, +([0-9.]+) % right", run.stdout)]
    assert len(right) == 3 and right == sorted(right) and right[-1] > 90
    sent, results = re.search(r"([\d,]+) records sent = ([\d,]+) results \+ 0 dead letters \+ 0 counted drops\n",
                              run.stdout).groups()
    assert sent == results and int(sent.replace(",", "")) > 4000
    assert "nothing lost" in run.stdout


def test_demo_finds_a_lost_result(millrace):
    import os
    run = millrace.run("demo", "--for", "3s", "--rate", "200", "--http.port", "any", seconds=120,
                       env=os.environ | {"MILLRACE_DEMO_LOSE_ONE": "1"})
    assert run.returncode == 1
    assert "+ 1 LOST" in run.stdout and "RECORDS WERE LOST" in run.stdout
