#include <modbus.h>
#include <sys/eventfd.h>
