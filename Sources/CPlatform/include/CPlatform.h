#pragma once

// What Swift's own module of the C library leaves out: mallopt, malloc_trim, epoll, eventfd.
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/// The day on which this program was compiled, as the compiler writes it: "Nov 27 2026".
const char *emsd_build_date(void);

/// Whether the system says that its clock is synchronised, as timedatectl shows it; 0 where it does not say, -1 where it
/// may not be asked.
int emsd_clock_is_synchronised(void);

/// Takes the code that was run so far out of the process's memory; what is run again comes back from the file.
void emsd_forget_code(void);
