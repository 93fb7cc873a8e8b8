/* Each request has a group of its own on the heap, freed by the waiter as soon as Wait returns, while
 * the last Done may still be on its way out. */
#include "../work.h"

struct request {
    waitgroup_t parts;
    int value[4];
};

struct part {
    struct request *request;
    int number;
};

static void compute_part(void *arg)
{
    struct part part = *(struct part *)arg;
    free(arg);
    part.request->value[part.number] = part.number * part.number;
}

static int serve(void)
{
    struct request *request = calloc(1, sizeof *request);
    for (int i = 0; i < 4; i++) {
        struct part *part = malloc(sizeof *part);
        *part = (struct part){request, i};
        start_task(&request->parts, compute_part, part);
    }
    waitgroup_wait(&request->parts);
    int sum = 0;
    for (int i = 0; i < 4; i++)
        sum += request->value[i];
    free(request);
    return sum;
}

int main(void)
{
    for (int i = 0; i < 8; i++) {
        if (serve() != 14)
            return 1;
        wait_for_device(1000);
    }
    return 0;
}
