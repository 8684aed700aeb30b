#include <malloc.h>
#include <modbus.h>
#include <sys/eventfd.h>
