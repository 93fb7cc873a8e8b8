"""The rooms of race-test. Each imports only from those that stand before it in this list.

trouble    the exit statuses, and the error that is one line of text
pattern    a regular expression beside the lines that it is made for
text       names and output as text that can be printed, names as a shell takes them
elf        what an ELF file tells
runtime    which of clang's shared runtimes a program runs with
frames     one line of a stack, and which of them are the program's own
dwarf      what its debug information tells of C++ functions, and of static variables
addresses  from addresses to functions and lines
variables  what lies at an address: the name of the variable
problem    one problem as one run shows it, its key, and all that is known of it
tsan_log   ThreadSanitizer's log: reports and crashes
library    what the waitgroup library says
names      the full names of C++ functions
witness    what the preloaded object (witness.c) has written of a run's processes
program    what is run
process    one run as a group of processes: its start, its output, its end
hang       where all threads of a hung run are, and what each of them waits for
schedule   (and schedule_*.py): the driver of the scheduler, which knows nothing of the rooms below
manner     how a free run is made: delays, or nothing
judge      the verdict on one run
sketch     what a run under control has shown, without ThreadSanitizer's report of it
control    a program under the scheduler: what a schedule shows, shrunk and proved
ways       which runs are free and which under control
results    what there is to tell at the end; as text, for GitHub
junit, sarif   the same in those formats; the latter can be read back
runner     which run is next, and the loop
exhaustive all orders, and one schedule again
version    the project's
picture    a run under control, drawn
command    the command line
"""
