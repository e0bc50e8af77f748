#ifndef SELAT_CLIBXML2_SHIM_H
#define SELAT_CLIBXML2_SHIM_H
#include <libxml/parser.h>

static void selat_sax_start(
    void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
    int namespaces, const xmlChar **namespace_list,
    int attributes, int defaulted, const xmlChar **attribute_list
) {
    ++*(int *)context;
}

/* Parses a document by SAX 2 with a handler that only counts elements; -1 when it is not
   well-formed. */
static inline int selat_sax_parse(const char *bytes, int size) {
    xmlSAXHandler handler = {0};
    handler.initialized = XML_SAX2_MAGIC;
    handler.startElementNs = selat_sax_start;
    int elements = 0;
    return xmlSAXUserParseMemory(&handler, &elements, bytes, size) == 0 ? elements : -1;
}

#endif
