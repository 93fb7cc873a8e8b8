/* Every execution with a bounded number of preemptions: a switch away from a thread that could go on.
 *
 * Relacy's own context_bound_scheduler is fair: a thread that goes to sleep yields to all others, and
 * neither a wake nor its deadline moves it until each of them has taken a step. So executions are missing
 * in which it goes on at once. Those are wanted here; and without loops that wait for others, fairness is
 * not needed. */
#ifndef BOUNDED_H
#define BOUNDED_H

#include "engine.h"

namespace protocol
{

class bounded_scheduler
    : public rl::tree_search_scheduler<bounded_scheduler, rl::tree_search_scheduler_thread_info<THREADS>,
                                       THREADS>
{
    using base =
        rl::tree_search_scheduler<bounded_scheduler, rl::tree_search_scheduler_thread_info<THREADS>, THREADS>;
    unsigned preemptions_left = 0;

  public:
    using base::base;

    rl::thread_id_t iteration_begin_impl()
    {
        preemptions_left = this->params_.context_bound;
        return base::iteration_begin_impl();
    }

    rl::thread_id_t schedule_impl(rl::unpark_reason &reason, unsigned)
    {
        return base::schedule_impl(reason, 0);
    }

    bool can_switch(thread_info_t &)
    {
        return preemptions_left != 0;
    }

    void on_switch(const thread_info_t &from)
    {
        if (from.state_ == rl::thread_state_running)
            --preemptions_left;
    }

    double iteration_count_approx()
    {
        return 1; /* for a report of the progress, which nobody reads */
    }
};

} // namespace protocol

#endif
