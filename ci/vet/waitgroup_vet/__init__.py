"""waitgroup-vet: the misuse of waitgroups that shows in the source of one file. The rooms, from the outside in:

cli.py      the command             report.py   what is printed
checks/     one file for each rule  tasks.py    which tasks are started, and what their groups are to the starter
program.py  the functions and what each call may do   paths.py   every way through one function
places.py   which object an expression means   events.py   what happens on a way, and the names that are known
tree.py     the syntax tree         libclang.py  where it comes from
"""
