/* Groups deep in structs, unions, arrays and anonymous members. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <waitgroup.h>

struct level1 {
    int a;
    waitgroup_t wg;
};
struct level2 {
    struct level1 inner[2];
};
struct level3 {
    union {
        struct level2 two;
        char raw[256];
    };
    int x;
};
struct level4 {
    struct {
        struct {
            struct level3 three;
        } deep;
    };
};
struct level5 {
    struct level4 all[3][2];
    struct level5 *next;
};
typedef struct level5 tree_t;
struct by_pointer {
    waitgroup_t *wg;
    struct level5 *tree;
    struct level1 (*rows)[4];
};
union any {
    long n;
    struct level4 four;
};
typedef struct forward forward_t;
forward_t *get_forward(void);
struct forward {
    struct level3 three;
};
extern struct level5 table[4];

/* ---- bad ---- */
void assigns(struct level1 *a, struct level2 *b, struct level3 *c, struct level4 *d, struct level5 *e)
{
    a[0] = a[1];               // want: copy
    b[0] = b[1];               // want: copy
    c[0] = c[1];               // want: copy
    d[0] = d[1];               // want: copy
    e[0] = *e->next;           // want: copy
    c->two.inner[0] = a[0];    // want: copy
    *d = e->all[2][1];         // want: copy
    d->deep.three = *c;        // want: copy
    (*e).all[0][0] = *d;       // want: copy
}
void initializes(struct level4 *d, tree_t *e, forward_t *f)
{
    struct level4 here = *d;                                 // want: copy
    tree_t tree = *e;                                        // want: copy
    struct level4 list[2] = {*d, e->all[0][1]};              // want: copy
    struct level3 named = {.two = {{d->deep.three.two.inner[0], *(struct level1 *)e}}}; // want: copy
    forward_t forward = *f;                                  // want: copy
    union any u = {.four = *d};                              // want: copy
    (void)here;
    (void)tree;
    (void)list;
    (void)named;
    (void)forward;
    (void)u;
}
void by_value(struct level5 tree, int n); // want: copy
void by_array(struct level5 trees[2]);
static int takes(union any u) // want: copy
{
    return (int)u.n;
}
int passes(union any *u, struct level5 *e)
{
    by_value(*e, 1);  // want: copy
    return takes(*u); // want: copy
}
struct level4 returns(struct level5 *e)
{
    return e->all[1][1]; // want: copy
}
struct level5 returns_global(void)
{
    return table[2]; // want: copy
}
struct level1 returns_used(void)
{
    struct level1 l = {0};
    waitgroup_add(&l.wg, 1);
    return l; // want: copy
}
void moves_memory(struct level5 *to, struct level5 *from, void *blob)
{
    memcpy(to, from, sizeof *to);                                   // want: copy
    memmove(&to->all[0], &from->all[1], sizeof from->all[0]);       // want: copy
    memcpy(blob, from->all, sizeof from->all);                      // want: copy
    memcpy(to->all, (struct level4 *)blob, 3 * sizeof(to->all[0])); // want: copy
    memcpy(&table[0], &table[1], sizeof(table[0]));                 // want: copy
}
forward_t *clones(void)
{
    forward_t *f = malloc(sizeof *f);
    *f = *get_forward(); /* what a call gave */
    memcpy(f, get_forward(), sizeof *f); // want: copy
    return f;
}
void chooses(int n, struct level4 *a, struct level4 *b)
{
    struct level4 c;
    c = n ? *a : *b; // want: copy
    (void)c;
}

/* ---- good ---- */
void pointers(struct by_pointer *a, struct by_pointer *b, struct level5 *e)
{
    *a = *b;
    struct by_pointer c = *a, list[2] = {*a, *b};
    memcpy(a, b, sizeof *a);
    a->rows = b->rows;
    struct level5 *alias = e, **where = &alias;
    *where = e->next;
    struct level4 *fourth = &e->all[1][0];
    fourth->deep.three.x = e->all[0][0].deep.three.x;
    (void)c;
    (void)list;
}
void parts(struct level3 *a, struct level3 *b)
{
    a->x = b->x;
    a->two.inner[0].a = b->two.inner[1].a;
    memcpy(&a->x, &b->x, sizeof a->x);
    memcpy(a->raw, b->raw, 8);
    memcpy(a, b, offsetof(struct level3, two));
}
void fresh(struct level5 *e, forward_t *f)
{
    static const struct level4 empty;
    struct level4 four = {0};
    *e = (struct level5){0};
    memset(e, 0, sizeof *e);
    e->all[0][0] = empty;
    *f = (forward_t){.three = {.x = 1}};
    four.deep.three.x = 2;
    (void)four;
    (void)*e;
}
static struct level4 make(int x)
{
    struct level4 four = {0};
    four.deep.three.x = x;
    return four;
}
static struct level2 make_two(void)
{
    return (struct level2){.inner = {{1, WAITGROUP_INIT}, {2, WAITGROUP_INIT}}};
}
void uses_fresh(struct level5 *e)
{
    e->all[0][0] = make(1);
    struct level4 four = make(2);
    struct level2 two = make_two();
    (void)four;
    (void)two;
    by_array(e);
}
size_t sizes(struct level5 *e)
{
    return sizeof(*e) + sizeof e->all[0] + (size_t)((char *)&e->all[1] - (char *)e);
}
_Static_assert(offsetof(struct level5, all) == 0, "first");
