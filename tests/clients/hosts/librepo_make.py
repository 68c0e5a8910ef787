"""librepo_make.py FOLDER: metadata of a repository, as librepo wants it."""

import hashlib
import os
import sys

DATA = """<data type="{name}"><checksum type="sha256">{sum}</checksum>
<open-checksum type="sha256">{sum}</open-checksum>
<location href="repodata/{name}.xml"/><timestamp>1</timestamp>
<size>{size}</size></data>
"""

folder = sys.argv[1] + "/repodata"
os.makedirs(folder, exist_ok=True)
with open(folder + "/repomd.xml", "w") as index:
    index.write('<repomd xmlns="http://linux.duke.edu/metadata/repo">\n')
    for name in "primary", "filelists", "other":
        body = b"<x>%b</x>\n" % (name.encode() * 10000)
        with open(f"{folder}/{name}.xml", "wb") as file:
            file.write(body)
        index.write(DATA.format(name=name, size=len(body),
                                sum=hashlib.sha256(body).hexdigest()))
    index.write("</repomd>\n")
