#!/usr/bin/python3
"""A made-up history: a month of logins as audit lines, the same ones for the same seed.

    tests/e2e/history.py 1000000 [syslog|json] > history.log

Most users log in from one place, some are on journeys, of which some are impossible; a list refuses
one system; guessers try names from one network. It ends at UNTIL.
"""
# SPDX-License-Identifier: MIT
import datetime
import json
import random
import sys

UNTIL = 1772323200  # 2026-03-01T00:00:00Z
DAYS = 31
EVIL = "AS64666"

# name, geoname id, country, its id and code, latitude, longitude, AS, its name, first bytes
PLACES = [
    ("Dresden", 2935022, "Germany", 2921044, "DE", 51.05, 13.74, "AS3320", "Deutsche Telekom AG", "79.192"),
    ("Berlin", 2950159, "Germany", 2921044, "DE", 52.52, 13.41, "AS3209", "Vodafone GmbH", "109.40"),
    ("Munich", 2867714, "Germany", 2921044, "DE", 48.14, 11.58, "AS6805", "Telefonica Germany", "77.176"),
    ("Prague", 3067696, "Czechia", 3077311, "CZ", 50.09, 14.42, "AS5610", "O2 Czech Republic", "85.70"),
    ("Paris", 2988507, "France", 3017382, "FR", 48.85, 2.35, "AS3215", "Orange", "90.0"),
    ("London", 2643743, "United Kingdom", 2635167, "GB", 51.51, -0.13, "AS2856", "British Telecom", "86.128"),
    ("Madrid", 3117735, "Spain", 2510769, "ES", 40.42, -3.7, "AS3352", "Telefonica de Espana", "83.32"),
    ("New York", 5128581, "United States", 6252001, "US", 40.71, -74.01, "AS7922", "Comcast", "73.0"),
    ("San Francisco", 5391959, "United States", 6252001, "US", 37.77, -122.42, "AS7018", "AT&T <US>", "99.0"),
    ("Sao Paulo", 3448439, "Brazil", 3469034, "BR", -23.55, -46.64, "AS28573", "Claro NXT", "177.32"),
    ("Bangalore", 1277333, "India", 1269750, "IN", 12.97, 77.59, "AS9829", "BSNL", "117.192"),
    ("Tokyo", 1850147, "Japan", 1861060, "JP", 35.69, 139.69, "AS2516", "KDDI", "106.128"),
    ("Sydney", 2147714, "Australia", 2077456, "AU", -33.87, 151.21, "AS1221", "Telstra", "1.128"),
    ("Cape Town", 3369157, "South Africa", 953987, "ZA", -33.93, 18.42, "AS3741", "Internet Solutions", "196.30"),
]
EVIL_PLACE = ("Nowhere", 1, "Russia", 2017370, "RU", 55.75, 37.62, EVIL, "Bulletproof & Sons", "203.0")
GUESSERS = ("Hanoi", 1581130, "Vietnam", 1562822, "VN", 21.03, 105.85, "AS45899", "VNPT Corp", "113.160")


def about(place, address):
    """The part of a line that facts fill."""
    city, city_id, country, country_id, code, latitude, longitude, system, name, _ = place
    name = name.replace("<", "\\x3c").replace(">", "\\x3e")
    host = "host-" + address.replace(".", "-") + ".example.net"
    return (f"host={host}, asn={system}, as_cc={code}, as_desc=<{name}>, as_org=<{name}>, "
            f"net_name=<NET-{code}>, net_cc={code}, entity=ORG-{code}1-RIPE, "
            f"city=<{city_id}/{city}>, country=<{country_id}/{country}>, "
            f"represented_country=<None/None>, registered_country=<{country_id}/{country}>, "
            f"lat={latitude}, lon={longitude}, rad=20km")


def attempts(number, seed=1):
    """(time, line) in order."""
    chance = random.Random(seed)
    users = [f"user{n:05}" for n in range(20000)]
    begin = UNTIL - DAYS * 86400
    step = DAYS * 86400 / number
    for n in range(number):
        time = begin + int(n * step)
        kind = chance.random()
        user_number = int(chance.random() ** 2 * len(users))
        user, place = users[user_number], PLACES[int((user_number % 97 / 97) ** 2 * len(PLACES))]
        end = f"pwid={user_number + 1}, comment=<phone>, session=<s{n:x}>, result=permit"
        if kind < 0.002:    # on a journey; some of them are impossible
            place = PLACES[chance.randrange(len(PLACES))]
        elif kind < 0.004:  # refused by a list
            place = EVIL_PLACE
            end = (f"blocked=True, matched=asn, pwid={user_number + 1}, comment=<phone>, "
                   f"session=<s{n:x}>, result=deny, reason=<on the list as_numbers>, "
                   "rule=/etc/checkpass/lists/as_numbers.lst:7")
        elif kind < 0.15:   # a guesser
            place = GUESSERS
            user = f"guess{chance.randrange(5000)}"
            end = f"session=<s{n:x}>, result=deny, reason=<wrong password>"
        spread = chance.randrange(50) if place is not GUESSERS else chance.randrange(4)
        address = f"{place[9]}.{user_number % 200}.{spread + 1}"
        service = chance.choice(("imap", "imap", "imap", "smtp", "pop3"))
        yield time, (f"user=<{user}>, service={service}, ip={address}, {about(place, address)}, "
                     f"{end}")


def stamp(time):
    return datetime.datetime.fromtimestamp(time, datetime.timezone.utc).isoformat()


def main():
    form = sys.argv[2] if len(sys.argv) > 2 else "syslog"
    write = sys.stdout.write
    for time, line in attempts(int(sys.argv[1])):
        if form == "json":
            write(json.dumps({"__REALTIME_TIMESTAMP": str(time * 1000000), "PRIORITY": "6",
                              "SYSLOG_IDENTIFIER": "mail-audit", "MESSAGE": line}) + "\n")
        else:
            write(f"{stamp(time)} mail mail-audit[812]: {line}\n")


if __name__ == "__main__":
    main()
