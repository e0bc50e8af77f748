#ifndef SELAT_COPENSSL_SHIM_H
#define SELAT_COPENSSL_SHIM_H
#include <openssl/ssl.h>
#include <openssl/err.h>
#endif
