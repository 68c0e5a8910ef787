"""jobs.py SEED CLIENT COUNT FILES SERVERS: transfers for a stock program, one
a line: KEY SERVER OPERATION BODY URL PROXY VERSION STORED; "-" for none. The
links that FTP and SFTP downloads need are made.
"""

import os
import random
import sys

SEED, CLIENT, COUNT, FILES, SERVERS = sys.argv[1:]


def main():
    draw = random.Random(f"{SEED}.{CLIENT}")
    bodies = sorted(os.listdir(FILES))
    with open(SERVERS) as file:
        servers = [line.split() for line in file]
    weights = [int(server[6]) for server in servers]
    for number in range(int(COUNT)):
        name, scheme, version, url, proxy, store, _ = draw.choices(
            servers, weights)[0]
        body = bodies[min(draw.randrange(len(bodies)),
                          draw.randrange(len(bodies)))]
        key, stored = f"{CLIENT}.{number}", "-"
        operation = draw.choices(["GET", "PUT", "POST"], [70, 20, 10])[0]
        if scheme != "http" and operation == "POST":
            operation = "GET"
        if operation == "PUT":
            stored = f"{store}/{key}"
            url += f"/{'put' if scheme == 'http' else 'up'}/{key}"
        elif scheme == "http":
            url += f"/{operation.lower()}/{body}/{key}"
        else:
            url += f"/link/{key}"
            os.link(f"{FILES}/{body}", f"{store}/../link/{key}")
        print(key, name, operation, body, url, proxy, version, stored)


main()
