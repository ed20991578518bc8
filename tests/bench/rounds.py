"""Two sides measured in turn: load clients run, figures are read, the quietest rounds kept.

The machine is shared. A round in which others took more than a little of it is measured again, for
a while; which rounds count is decided by how quiet they were, never by their figures.
"""
# SPDX-License-Identifier: MIT
import os
import statistics
import subprocess
import sys

from harness import Failure

QUIET = 0.10  # the share of the machine that others may take in a round
PATIENCE = 3  # times as many rounds as are needed, at most
UNTOLD = ("count", "rate", "others")
TICKS = os.sysconf("SC_CLK_TCK")


def say(text):
    print(f"# {text}", file=sys.stderr, flush=True)


def measure(command):
    """Runs a load client; returns its `name=value` figures. Its complaint is ours. A command may
    also be a function that does more around the client and returns the figures."""
    if callable(command):
        return command()
    done = subprocess.run([str(word) for word in command], check=False, capture_output=True,
                          text=True, timeout=300)
    if done.returncode != 0:
        raise Failure(done.stderr.strip() or f"{command[0]} ended with {done.returncode}")
    return figures_of(done.stdout)


def figures_of(output):
    return {name: float(value) for name, value in
            (word.split("=") for word in output.split())}


def machine_time():
    """Seconds of processor time since the machine started: used by anybody, and in all."""
    with open("/proc/stat", encoding="ascii") as stat:
        ticks = [int(word) for word in stat.readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / TICKS, sum(ticks) / TICKS


def server_time(server):
    """Seconds of processor time that a process of ours has used, all its threads."""
    with open(f"/proc/{server.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure_watched(world, command, server):
    """measure(), with what the server used for each request, and the share of the machine that
    others took meanwhile."""
    served = server_time(server) if server else 0
    ours, (used, passed) = world.processor_time(), machine_time()
    figures = measure(command)
    used_after, passed_after = machine_time()
    others = (used_after - used) - (world.processor_time() - ours)
    figures["others"] = max(0.0, others / max(0.01, passed_after - passed))
    if server:
        figures["server_cpu_us"] = (server_time(server) - served) / figures["count"] * 1e6
    return figures


def measure_rounds(world, sides, servers, rounds):
    """The quietest `rounds` rounds, each a dictionary of the two sides' figures."""
    for command in sides.values():
        measure(command)  # warm-up, not counted
    done = []
    quiet = 0
    while quiet < rounds and len(done) < rounds * PATIENCE:
        order = ("ours", "floor") if len(done) % 2 == 0 else ("floor", "ours")
        done.append({side: measure_watched(world, sides[side], servers.get(side))
                     for side in order})
        quiet += busiest(done[-1]) <= QUIET
    return sorted(done, key=busiest)[:rounds]


def busiest(one_round):
    return max(figures["others"] for figures in one_round.values())


def compare(world, name, sides, rounds, figure, unit, target, servers=None):
    """Measures the two commands of `sides` in turn and prints the line for `name`.

    `target` is the word "at most" or "at least" and the ratio, or nothing; `servers` the processes
    whose processor time is worth telling.
    """
    tell(name, measure_rounds(world, sides, servers or {}, rounds), figure, unit, target)


def tell(name, measured, figure, unit, target):
    """Prints the line for one figure of what measure_rounds() returned."""
    sides = ("ours", "floor")
    medians = {side: statistics.median(one[side][figure] for one in measured) for side in sides}
    ratio = medians["ours"] / medians["floor"]
    print(f"bench {name} ours={medians['ours']:.1f} floor={medians['floor']:.1f} unit={unit} "
          f"ratio={ratio:.2f}", flush=True)
    for side in sides:
        values = [one[side][figure] for one in measured]
        more = "".join(f", {key} {statistics.median(one[side][key] for one in measured):.0f}"
                       for key in measured[0][side] if key not in (*UNTOLD, figure))
        say(f"{name} {side}: {min(values):.1f} to {max(values):.1f} in {len(measured)} rounds{more}")
    noise = busiest(measured[-1])
    say(f"{name}: {judged(ratio, target)}; others took up to {noise:.0%} of the machine"
        + (": NOT QUIET, measure again" if noise > QUIET else ""))


def judged(ratio, target):
    if not target:
        return "no target"
    word, limit = target
    met = ratio <= limit if word == "at most" else ratio >= limit
    return f"target {word} {limit:.3g}, {'met' if met else 'MISSED'}"
