#define _GNU_SOURCE
#include "CPlatform.h"
#include <errno.h>
#include <sys/timex.h>
#include <time.h>

const char *emsd_build_date(void) { return __DATE__; }

int emsd_clock_is_synchronised(void) {
    struct timex state = {0};
    struct timespec now;
    // The same test as systemd's: a maximum error below 16 s. STA_UNSYNC alone may be set to spare the hardware clock.
    if (adjtimex(&state) < 0) return errno == EPERM ? -1 : 0;
    if (state.maxerror >= 16000000) return 0;
    // What is said of another clock than the one that is read here (in a sandbox, under a debugger) says nothing.
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return 0;
    long apart = (long)(now.tv_sec - state.time.tv_sec);
    return apart >= -2 && apart <= 2;
}
