"""Attacks on the program, with all that can go wrong on a user's machine and in files of others: `make attack`.

* `kills`: processes are killed, and the command is given again.
* `corruption`: files of results and of the cache of compiled code are damaged.
* `fuzz`: mutated inputs are loaded.
* `extremes`: deep, huge and extreme inputs are given.
* `disk`: disks are full.
* `text`: hostile strings stand in every field.
* `determinism`: the same scenario is run in other surroundings.
* `guided`: fuzz that is guided by the coverage of the code, where the package atheris is installed.
* `inputs`: the deep, huge and extreme inputs.
* `mutations`: makes almost sound inputs from sound ones.
* `results`: the commands that are attacked, and digests of what they write.
* `starter`: starts each try from a process that has everything loaded, and counts the processes that stay.
* `tally`: counts what must be 0, prints the table, and keeps failing inputs.
"""
