"""Lists as long as the longest that sites have, and names that logins have: made up, always the same.

A million networks, 10,000 patterns each for reverse names, names of autonomous systems and
MaxMind's organisations. Half of the names come near a pattern, one in a thousand matches.
"""
# SPDX-License-Identifier: MIT
import ipaddress
import random

NETWORKS, PATTERNS = 1_000_000, 10_000
LISTS = {"ip_networks": 0, "reverse_hostname": 0, "as_names": 0, "as_org": 0}
LINES = {"ip_networks": "network_lines", "reverse_hostname": "host_patterns",
         "as_names": "system_patterns", "as_org": "organisation_patterns"}


def network_lines():
    """IPv4 from /20 to /32, and three of ten IPv6 from /32 to /64; some with a text behind."""
    dice = random.Random(1)
    for number in range(NETWORKS):
        if dice.random() < 0.7:
            prefix = dice.randint(20, 32)
            bits = dice.getrandbits(prefix) << 32 - prefix
            address = ipaddress.IPv4Address(bits)
        else:
            prefix = dice.randint(32, 64)
            bits = (1 << 125) | dice.getrandbits(prefix - 3) << 128 - prefix
            address = ipaddress.IPv6Address(bits)
        yield f"{address}/{prefix}" + (f" # seen {number}" if number % 10 == 0 else "")


def host_patterns():
    """Of one provider each, as admins write them: everything below a name, or of one form."""
    for number in range(PATTERNS):
        yield (rf".*\.dynamic\.isp{number}\.example\.net", rf"ec2-\d+-\d+-\d+-\d+\.zone{number}\..*",
               rf"(pool|dsl|cable)[-.]?\d+\.isp{number}\.(com|net)",
               rf"[^.]+\.customers\.isp{number}\.example\.(de|nl|fr)",
               rf"mail{number}\.example\.org")[number % 5]


def system_patterns():
    for number in range(PATTERNS):
        yield (rf"HOSTING-{number}(-[A-Z]+)?", rf".*Colo ?cation {number} .*",
               rf"CLOUD{number} - .*, (US|NL|DE)", f"'Telecom {number}")[number % 4]


def organisation_patterns():
    for number in range(PATTERNS):
        yield (rf"Server Farm {number} (GmbH|LLC|B\.V\.)", rf".*VPN {number}\b.*",
               f"Bulletproof Hosting No\\. {number}", rf"(The )?Data ?center {number}.*")[number % 4]


def login_lines(count):
    """ADDRESS, reverse name, name of the autonomous system and organisation, with tabs between."""
    dice = random.Random(2)
    for _ in range(count):
        number = dice.randrange(2 * PATTERNS)
        one = (f"{dice.randint(1, 223)}.{dice.randrange(256)}.{dice.randrange(256)}."
               f"{dice.randrange(256)}")
        address = one if dice.random() < 0.8 else ipaddress.IPv6Address(
            (1 << 125) | dice.getrandbits(61) << 64 | dice.getrandbits(64))
        host = dice.choice((f"p{number:x}.dip0.t-ipconnect.de", f"h-{number}.static.isp{number}.net",
                            f"ec2-18-3-{number % 256}-9.zone{number}x.compute.amazonaws.com",
                            f"dslb-084-058-{number}.084.058.pools.vodafone-ip.de"))
        system = dice.choice((f"TELECOM-{number}, DE", f"HOSTING-{number}-x, NL",
                              "VODANET International IP-Backbone of Vodafone, DE"))
        company = dice.choice((f"Data centre {number}", "Deutsche Telekom AG", "Vodafone GmbH",
                               f"Server Farm {number} Ltd"))
        yield f"{address}\t{host}\t{system}\t{company}"


def write(directory, full):
    """One file for each type of list, of that name; without an entry where the type is not in
    `full`."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, lines in LINES.items():
        entries = globals()[lines]() if name in full else ()
        with open(directory / f"{name}.lst", "w", encoding="utf-8") as file:
            file.write("# made up by tests/bench/lists.py\n")
            file.writelines(f"{line}\n" for line in entries)
