/* The kinds of reports that C programs can have (kinds.h). */
#include "kinds_table.h"

int main(int argc, char **argv)
{
    if (argc < 2 || !kind(argv[1], argc == 2))
        return 5;
    return 0;
}
