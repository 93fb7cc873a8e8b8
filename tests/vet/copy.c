#include <waitgroup.h>
#include <string.h>
#include <stddef.h>
struct pool {
    int n;
    waitgroup_t wg;
};
typedef struct pool pool_t;
struct fwd;
struct fwd *mk(void);
typedef struct fwd fwd_t;
struct fwd {
    waitgroup_t wg;
};
typedef struct late late_t;
struct late {
    waitgroup_t wg;
};
typedef union {
    struct {
        waitgroup_t a[2][3];
    } x;
    int k;
} u_t;
struct outer {
    struct mid {
        pool_t p[3];
    } m;
};
struct ptr {
    waitgroup_t *wg;
};
extern waitgroup_t glob;
waitgroup_t *get(void);
waitgroup_t val(void);
static const waitgroup_t empty = WAITGROUP_INIT;
void byval(waitgroup_t g); // want: copy
void byval2(pool_t g)      // want: copy
{
    (void)g;
}
typedef void (*cb)(struct outer o); // want: copy
void f(pool_t *a, pool_t *b, struct fwd *p, fwd_t *q, late_t *l, struct late *m, u_t *u, struct outer *o,
       struct ptr *pp, waitgroup_t *w)
{
    *a = *b;                // want: copy
    *p = *q;                // want: copy
    *l = *m;                // want: copy
    u_t uu = *u;            // want: copy
    struct outer oo = o[1]; // want: copy
    struct ptr ok = *pp;
    waitgroup_t x = glob;   // want: copy
    waitgroup_t y = (glob); // want: copy
    x = a->wg;              // want: copy
    x = y, y = x;           // want: copy
    x = a ? *w : y;         // want: copy
    byval(x);               // want: copy
    byval(*w);              // want: copy
    byval((waitgroup_t)WAITGROUP_INIT);
    x = (waitgroup_t)WAITGROUP_INIT;
    x = val();
    x = *get();
    x = empty;
    *a = (pool_t){0};
    a->n = b->n;
    struct pool arr[2] = {*a, *b};              // want: copy
    struct pool des = {.n = 1, .wg = b->wg};    // want: copy
    struct pool *lit = &(struct pool){.wg = x}; // want: copy
    memcpy(a, b, sizeof *a);                    // want: copy
    memmove(&x, &y, sizeof x);                  // want: copy
    memcpy(&x, w, 16);                          // want: copy
    memcpy((char *)a, (char *)b, sizeof(*a));   // want: copy
    memcpy(arr, b, 2 * sizeof *b);              // want: copy
    memcpy(&a->n, &b->n, sizeof a->n);
    memcpy(&x, &empty, sizeof x);
    memset(&x, 0, sizeof x);
    memcpy(a, b, offsetof(struct pool, wg));
    memcpy(&x, &(waitgroup_t)WAITGROUP_INIT, sizeof x);
    (void)x;
    (void)*a;
    (void)sizeof(*a);
    (void)uu;
    (void)oo;
    (void)ok;
    (void)des;
    (void)lit;
    (void)arr;
    __typeof__(*a) z;
    (void)z;
    pool_t *alias = a;
    (void)alias;
    u->k = 1;
}
waitgroup_t ret1(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    return wg;
}
waitgroup_t ret2(void)
{
    return (waitgroup_t)WAITGROUP_INIT;
}
waitgroup_t ret3(waitgroup_t *p)
{
    return *p; // want: copy
}
waitgroup_t ret4(void)
{
    return glob; // want: copy
}
waitgroup_t ret5(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 1);
    return wg; // want: copy
}
pool_t ret6(void)
{
    pool_t p = {.n = 3};
    return p;
}
pool_t ret7(void)
{
    pool_t p = {.n = 3};
    waitgroup_add(&p.wg, 1);
    return p; // want: copy
}
typedef struct later later_t;
struct later {
    waitgroup_t wg;
};
void useit(later_t *a, later_t *b)
{
    waitgroup_add(&a->wg, 1);
    waitgroup_wait(&a->wg);
    memcpy(a, b, sizeof *a); // want: copy
    *a = *b;                 // want: copy
}
