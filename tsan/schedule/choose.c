/* Which of several threads goes on: by a strategy, or, in a replay, by the schedule. No strategy is the best:
 * each finds bugs that another one misses, so whoever drives runs rotates them. All draw from the seed alone,
 * so the same seed makes the same run. */
#include "dice.h"
#include "priority.h"
#include "turn.h"

enum {
    LONG_RUN = 1024,  /* choices */
    OUT_OF_TURN = 64, /* one choice of so many */
    LONGEST_TURN = 4, /* acts; or a turn ends */
    AFTER_CHANGE,
    BEFORE_CHANGE
};

static uint32_t first_given[MAX_THREADS], following[MAX_SWITCHES]; /* switches of a request, by thread */
static uint32_t act_count[MAX_ACTING], intended = UINT32_MAX, chosen_object; /* SURW */
static uint32_t turn_ends;
static uint32_t held_place;
static int acting; /* threads that have acted on something, in earlier runs */

static uint32_t slot(uintptr_t object)
{
    return (uint32_t)((object >> 2) * 0x9e3779b97f4a7c15u >> 58);
}

static bool has(const int *candidates, int count, int thread)
{
    for (int i = 0; i < count; i++)
        if (candidates[i] == thread)
            return true;
    return false;
}

/* A thread's switches are in the order of its acts, so only the next of each has to be looked at. */
static int compare_positions(const struct schedule_switch *given)
{
    if (given->step != self->step)
        return given->step < self->step ? -1 : 1;
    return given->access < self->access ? -1 : given->access > self->access;
}

static void came_to(uint32_t given, enum schedule_fate fate)
{
    shared->result.fates[given - 1] = (uint8_t)fate;
    if (fate != SWITCH_MADE)
        shared->result.diverged++;
}

/* 1 + the index of the running thread's next switch that is not past; 0: none. */
static uint32_t next_given(void)
{
    uint32_t *next = &first_given[self->id];
    while (*next && compare_positions(&shared->request.switches[*next - 1]) < 0) {
        came_to(*next, SWITCH_PASSED);
        *next = following[*next - 1];
    }
    return *next && compare_positions(&shared->request.switches[*next - 1]) == 0 ? *next : 0;
}

bool choose_is_given_at_access(void)
{
    return first_given[self->id] && next_given();
}

static int replay(const int *candidates, int count, int usual)
{
    const uint32_t given = next_given();
    if (!given)
        return usual;
    first_given[self->id] = following[given - 1];
    const int next = shared->request.switches[given - 1].next;
    const bool can_go_on = has(candidates, count, next);
    came_to(given, can_go_on ? SWITCH_MADE : SWITCH_IMPOSSIBLE);
    return can_go_on ? next : usual;
}

static void read_switches(void)
{
    const struct schedule_request *request = &shared->request;
    for (uint32_t i = request->switch_count < MAX_SWITCHES ? request->switch_count : MAX_SWITCHES; i-- > 0;) {
        shared->result.fates[i] = SWITCH_UNREACHED;
        const uint32_t thread = request->switches[i].thread % MAX_THREADS;
        following[i] = first_given[thread];
        first_given[thread] = i + 1;
    }
}

/* One choice of so many is a switch. In a long run they become rarer: each takes microseconds, and of
 * thousands one more tells little. */
static bool stays(uint32_t choices_for_one)
{
    const uint64_t chances = choices_for_one * (UINT64_C(1) + shared->result.choices / LONG_RUN);
    return chances > 1 && dice_below(chances) != 0;
}

static int walk(const int *candidates, int count, int usual)
{
    if (stays(shared->request.parameter) && usual == self->id)
        return usual;
    return candidates[dice_below((uint64_t)count)];
}

/* Partial order sampling (Yuan, Yang, Gu): each act draws its own priority, and draws again when another
 * act in conflict with it went first. */
static int by_act(const int *candidates, int count)
{
    int best = -1;
    for (int i = 0; i < count; i++) {
        struct thread *thread = &threads[candidates[i]];
        if (thread->act_priority == 0)
            thread->act_priority = dice_roll() | 1;
        if (best < 0 || thread->act_priority > threads[best].act_priority)
            best = candidates[i];
    }
    return best;
}

static uint64_t left_of(int thread)
{
    const uint32_t all = shared->learnt.acts[chosen_object][thread % MAX_ACTING],
                   done = act_count[thread % MAX_ACTING];
    const uint32_t left = all > done ? all - done : 1;
    return left < STARVING / 5 ? left : STARVING / 5; /* one that only asks has any number of them */
}

/* Of the candidates; and of those that are yet to be created, of whom earlier runs tell, if they count. */
static int by_weight(const int *candidates, int count, bool future_counts)
{
    const int known = future_counts && acting > thread_count ? acting : thread_count;
    uint64_t sum = 0;
    for (int i = 0; i < count; i++)
        sum += left_of(candidates[i]);
    for (int thread = thread_count; thread < known; thread++)
        sum += shared->learnt.acts[chosen_object][thread];
    uint64_t at = dice_roll() % sum;
    for (int i = 0; i < count; i++) {
        if (at < left_of(candidates[i]))
            return candidates[i];
        at -= left_of(candidates[i]);
    }
    for (int thread = thread_count; thread < known; thread++) {
        if (at < shared->learnt.acts[chosen_object][thread])
            return thread;
        at -= shared->learnt.acts[chosen_object][thread];
    }
    return candidates[0];
}

static int without_those_out_of_turn(const int *candidates, int count, int *others)
{
    int other_count = 0;
    for (int i = 0; i < count; i++)
        if (slot(threads[candidates[i]].act.object) != chosen_object || candidates[i] == (int)intended)
            others[other_count++] = candidates[i];
    return other_count;
}

/* Selectively uniform random walk (Zhao and others): of the acts on one object, every order is as likely
 * as another. The thread that is to do the next one is drawn by how many it still has before it; one
 * that comes to such an act out of turn waits. */
static int selectively(const int *candidates, int count)
{
    static int others[MAX_THREADS];
    static uint32_t choices_of_intended; /* many: perhaps it asks for what one that waits here is to do */
    if (intended == UINT32_MAX ||
        (!has(candidates, count, (int)intended) && intended < (uint32_t)thread_count) ||
        ++choices_of_intended > STARVING) {
        intended = (uint32_t)by_weight(candidates, count, true);
        choices_of_intended = 0;
    }
    int other_count = without_those_out_of_turn(candidates, count, others);
    if (other_count == 0) { /* one is to be created, by one that waits */
        intended = (uint32_t)by_weight(candidates, count, false);
        other_count = without_those_out_of_turn(candidates, count, others);
    }
    const int next = others[dice_below((uint64_t)other_count)];
    if (slot(threads[next].act.object) == chosen_object)
        intended = UINT32_MAX;
    return next;
}

/* Each in turn, seldom one out of turn: no other strategy comes to a long strict alternation. A turn ends
 * after some acts, after one that changes something, or before such a one. */
static int in_turns(const int *candidates, int count, int usual)
{
    static bool about_to_change[MAX_THREADS];
    static uint32_t acts; /* in this turn */
    const bool changed = about_to_change[self->id];
    about_to_change[self->id] = !self->act.reads;
    acts++;
    if (dice_below(OUT_OF_TURN) == 0)
        return candidates[dice_below((uint64_t)count)];
    const bool over = turn_ends == AFTER_CHANGE    ? changed
                      : turn_ends == BEFORE_CHANGE ? about_to_change[self->id]
                                                   : acts >= turn_ends;
    if (!over && usual == self->id && has(candidates, count, usual))
        return usual;
    acts = 0;
    for (int i = 0; i < count; i++)
        if (candidates[i] > self->id)
            return candidates[i];
    return candidates[0];
}

/* In the page: so it is the same wherever the program is loaded. */
static uint32_t place_of(const struct act *act)
{
    return (uint32_t)((act->pc & 0xfff) * 0x9e3779b97f4a7c15u >> 56);
}

/* Whoever comes to a certain place in the code is held there until nobody else can go on: of many threads
 * that do the same, all stand there at once while another one passes. If that takes too long, the others
 * perhaps ask for what those are to do, and it is over with this. */
static int holding(const int *candidates, int count, int usual)
{
    static int free[MAX_THREADS];
    static uint32_t choices_since;
    int free_count = 0;
    bool usual_is_free = false;
    for (int i = 0; i < count; i++)
        if (choices_since > STARVING || place_of(&threads[candidates[i]].act) != held_place) {
            free[free_count++] = candidates[i];
            usual_is_free |= candidates[i] == usual;
        }
    if (choices_since <= STARVING)
        choices_since = free_count == 0 || free_count == count ? 0 : choices_since + 1;
    if (free_count == 0)
        return candidates[dice_below((uint64_t)count)];
    return usual_is_free && usual == self->id && stays(4) ? usual : free[dice_below((uint64_t)free_count)];
}

int choose(const int *candidates, int count, int usual)
{
    switch (shared->request.strategy) {
    case SCHEDULE_WALK:
        return walk(candidates, count, usual);
    case SCHEDULE_PCT:
        return priority_choose(candidates, count);
    case SCHEDULE_POS:
        return by_act(candidates, count);
    case SCHEDULE_TURNS:
        return in_turns(candidates, count, usual);
    case SCHEDULE_HOLD:
        return holding(candidates, count, usual);
    case SCHEDULE_SURW:
        return selectively(candidates, count);
    default:
        return replay(candidates, count, usual);
    }
}

/* The object is a thread: in a program of many, most objects would be such. */
static bool is_of_its_life(enum schedule_kind kind)
{
    return kind == KIND_START || kind == KIND_CREATE || kind == KIND_JOIN || kind == KIND_DETACH ||
           kind == KIND_END;
}

/* Who did an act gets a new priority for the next; so do those that were to do a conflicting one. */
void choose_done(const struct thread *thread)
{
    const struct act *act = &thread->act;
    const uint32_t object = slot(act->object);
    if (shared->request.strategy == SCHEDULE_POS) {
        for (int i = 0; i < alive_count; i++) {
            struct thread *other = &threads[alive[i]];
            if (other == thread || (other->act.object == act->object && !(other->act.reads && act->reads)))
                other->act_priority = 0;
        }
    }
    const int actor = thread->id % MAX_ACTING;
    if (object == chosen_object)
        act_count[actor]++;
    if (!(shared->request.flags & FLAG_LEARN) || is_of_its_life(act->kind))
        return;
    if (act->kind != KIND_UNLOCK && act->kind != KIND_RW_UNLOCK && act->kind != KIND_SPIN_UNLOCK)
        shared->learnt.acted[place_of(act)] = 1; /* before an unlock it would hold back all others */
    static uint32_t counts[64][MAX_ACTING];
    uint32_t *most = &shared->learnt.acts[object][actor];
    if (++counts[object][actor] > *most)
        *most = counts[object][actor];
}

/* Of the objects that several threads act on, one. */
static uint32_t draw_object(void)
{
    uint32_t found[64], count = 0;
    for (uint32_t object = 0; object < 64; object++) {
        int users = 0;
        for (int thread = 0; thread < MAX_ACTING; thread++)
            if (shared->learnt.acts[object][thread] != 0) {
                users++;
                acting = thread + 1 > acting ? thread + 1 : acting;
            }
        if (users > 1)
            found[count++] = object;
    }
    return count ? found[dice_below(count)] : 0;
}

/* The next of those where somebody acts: each has its turn. */
static uint32_t next_place(void)
{
    uint32_t found[MAX_ACTED], count = 0;
    for (uint32_t place = 0; place < MAX_ACTED; place++)
        if (shared->learnt.acted[place])
            found[count++] = place;
    return count ? found[shared->learnt.held++ % count] : 0;
}

void choose_begin(void)
{
    const struct schedule_request *request = &shared->request;
    dice_begin(request->seed);
    if (request->strategy == SCHEDULE_REPLAY)
        read_switches();
    if (request->strategy == SCHEDULE_SURW)
        chosen_object = draw_object();
    if (request->strategy == SCHEDULE_HOLD)
        held_place = next_place();
    if (request->strategy == SCHEDULE_TURNS)
        turn_ends = 1 + dice_below(BEFORE_CHANGE);
    if (request->strategy == SCHEDULE_PCT)
        priority_begin(request->parameter);
}
