/* expect: livelock */
#include <stdatomic.h>

atomic_bool ready;

int main(void)
{
    while (!atomic_load(&ready))
        ;
}
