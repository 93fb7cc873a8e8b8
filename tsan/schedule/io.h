/* What stands for all descriptors as one object (io.c). */
#ifndef SCHEDULE_IO_H
#define SCHEDULE_IO_H

enum { DEVICES = 8 };

#endif
