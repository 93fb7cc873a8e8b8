#ifndef SCHEDULE_CALL_H
#define SCHEDULE_CALL_H

enum call_place {
    CALL_BEGINS = 1,
    CALL_ENDS,
    CALL_NAPS,   /* the sleep that follows ends at a time that means nothing: the caller sleeps again */
    CALL_SLEEPS, /* the sleep that follows ends, if at all, at the caller's own deadline */
    CALL_LEAVES  /* the program's code runs inside the call, and may jump out of it */
};

void call_prepare(void);

#endif
