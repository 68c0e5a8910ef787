"""librepo_get.py FOLDER URL...: the metadata of a repository, by librepo."""

import sys

import librepo

handle = librepo.Handle()
handle.setopt(librepo.LRO_URLS, sys.argv[2:])
handle.setopt(librepo.LRO_REPOTYPE, librepo.LR_YUMREPO)
handle.setopt(librepo.LRO_DESTDIR, sys.argv[1])
handle.setopt(librepo.LRO_CHECKSUM, True)
handle.setopt(librepo.LRO_INTERRUPTIBLE, False)
handle.perform(librepo.Result())
