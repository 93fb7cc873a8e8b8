/* The parcels that are under way to new threads. */
#include "shared/parcel.h"

#include <criterion/criterion.h>

Test(parcel, each_is_given_once_and_again_when_it_is_back)
{
    uint64_t all_taken = 0;
    for (int number = 0; number < PARCELS; number++)
        cr_assert_eq(parcel_take(&all_taken), number);
    cr_assert_eq(parcel_take(&all_taken), -1);
    parcel_give_back(&all_taken, 40);
    cr_assert_eq(parcel_take(&all_taken), 40);
    cr_assert_eq(parcel_take(&all_taken), -1);
}
