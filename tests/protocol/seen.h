/* Included before everything else in files that are compiled with -fsanitize=thread: the library's own
 * accesses are to be seen. So waitgroup.h must not notice ThreadSanitizer, or it would have no inline
 * functions; and the attribute that exempts the library is made one that does nothing. */
#pragma GCC system_header /* no warnings of what is built in */
#undef __SANITIZE_THREAD__
#undef __has_feature
#define __has_feature(x)       0
#define __no_sanitize_thread__ __unused__
