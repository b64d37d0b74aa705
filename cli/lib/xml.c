// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The catalogue's source as XML; schemas/catalogue.rng describes the form. It
 * carries exactly what the CSV does: this file only moves texts between
 * attributes and fields.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "internal.h"

/**
 * struct place - where a field stands
 * @element: NULL for the element itself, else its child
 * @attribute: name of the attribute
 * @field: the field
 * @optional: attribute may be missing, which reads as ""
 */
struct place {
	const char *element;
	const char *attribute;
	enum ovg_field field;
	bool optional;
};

static const struct place board_places[] = {
	{ NULL, "name", OVG_F_GPU, false },
	{ NULL, "arch", OVG_F_ARCH, false },
	{ NULL, "device", OVG_F_PF_DEVICE, false },
	{ NULL, "subdevice", OVG_F_PF_SUBDEVICE, false },
	{ NULL, "framebuffer", OVG_F_BOARD_FB_NOMINAL_MIB, false },
	{ NULL, "reported", OVG_F_BOARD_FB_REPORTED_MIB, true },
	{ NULL, "mode", OVG_F_HOST_MODE, false },
	{ NULL, "totalvfs", OVG_F_SRIOV_TOTALVFS, true },
	{ NULL, "offset-stride", OVG_F_VF_OFFSET_STRIDE, true },
};

/* Grouped by element, in the order in which they are written. */
static const struct place type_places[] = {
	{ NULL, "id", OVG_F_TYPE_ID, false },
	{ NULL, "confidence", OVG_F_ID_CONFIDENCE, false },
	{ NULL, "name", OVG_F_NAME, false },
	{ NULL, "series", OVG_F_SERIES, false },
	{ NULL, "source", OVG_F_SOURCE, true },
	{ "mig", "slices", OVG_F_GI_SLICES, false },
	{ "mig", "attribute", OVG_F_ATTR, true },
	{ "memory", "profile", OVG_F_PROFILE_MIB, false },
	{ "memory", "fb", OVG_F_FB_BYTES, true },
	{ "memory", "reservation", OVG_F_FB_RESERVATION, true },
	{ "memory", "heap", OVG_F_GSP_HEAP, true },
	{ "instances", "equal", OVG_F_MAX_EQUAL_SIZE, false },
	{ "instances", "mixed", OVG_F_MAX_MIXED_SIZE, true },
	{ "display", "heads", OVG_F_HEADS, false },
	{ "display", "width", OVG_F_MAX_X, false },
	{ "display", "height", OVG_F_MAX_Y, false },
	{ "display", "pixels", OVG_F_MAX_PIXELS, false },
	{ "display", "frl", OVG_F_FRL, false },
	{ "features", "cuda", OVG_F_CUDA, false },
	{ "features", "ecc", OVG_F_ECC, false },
	{ "features", "multiple", OVG_F_MULTI_VGPU, true },
	{ "class", "name", OVG_F_VGPU_CLASS, false },
	{ "class", "license", OVG_F_LICENSE, true },
	{ "guest", "device", OVG_F_GUEST_DEVICE, false },
	{ "guest", "subsystem", OVG_F_GUEST_SUBSYSTEM, false },
};

/* Elements of a type that may stand at most once, all but "mig" exactly once. */
static const char *const type_elements[] = { "mig",	 "memory", "instances", "display",
					     "features", "class",  "guest" };
#define ELEMENT_MIG 0

/**
 * struct reader - one document being read
 * @t: where to
 * @name: the source, for errors
 * @err: for errors
 * @problems: where bad types go, NULL if the first ends the reading
 * @row: texts of the type being read
 * @owned: those of them that libxml2 allocated
 */
struct reader {
	struct openvgpu_types *t;
	const char *name;
	struct openvgpu_error *err;
	struct openvgpu_problems *problems;
	struct ovg_row row;
	xmlChar *owned[OVG_N_FIELDS];
};

static const char *name_of(const xmlNode *n)
{
	return (const char *)n->name;
}

static void forget(struct reader *r, enum ovg_field field)
{
	xmlFree(r->owned[field]);
	r->owned[field] = NULL;
	r->row.text[field] = "";
}

static bool same_element(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Takes all attributes of @node, which stands for @element in @places. */
static int take_attributes(struct reader *r, xmlNode *node, const char *element,
			   const struct place *places, size_t n)
{
	const xmlAttr *a;
	size_t i;

	for (a = node->properties; a; a = a->next) {
		const char *attribute = (const char *)a->name;

		for (i = 0; i < n; i++)
			if (same_element(places[i].element, element) &&
			    !strcmp(places[i].attribute, attribute))
				break;
		if (i == n || a->ns)
			return ovg_error(r->err, -EINVAL, "%s:%ld: <%s> has no attribute '%s'",
					 r->name, xmlGetLineNo(node), name_of(node), attribute);
	}
	for (i = 0; i < n; i++) {
		const struct place *p = &places[i];

		if (!same_element(p->element, element))
			continue;
		forget(r, p->field);
		r->owned[p->field] = xmlGetNoNsProp(node, (const xmlChar *)p->attribute);
		if (r->owned[p->field])
			r->row.text[p->field] = (const char *)r->owned[p->field];
		else if (!p->optional)
			return ovg_error(r->err, -EINVAL, "%s:%ld: <%s> lacks the attribute '%s'",
					 r->name, xmlGetLineNo(node), name_of(node), p->attribute);
	}
	return 0;
}

/* Next element from @n on; text other than blanks is an error. */
static int next_element(struct reader *r, xmlNode **n)
{
	for (; *n; *n = (*n)->next) {
		switch ((*n)->type) {
		case XML_ELEMENT_NODE:
			return 0;
		case XML_COMMENT_NODE:
		case XML_PI_NODE:
			continue;
		case XML_TEXT_NODE:
			if (xmlIsBlankNode(*n))
				continue;
			__attribute__((fallthrough));
		default:
			/* libxml2 gives text the line of its end: its parent's is more useful */
			return ovg_error(r->err, -EINVAL, "%s:%ld: text is not expected in <%s>",
					 r->name, xmlGetLineNo((*n)->parent),
					 name_of((*n)->parent));
		}
	}
	return 0;
}

static int read_type_element(struct reader *r, xmlNode *n, unsigned int *seen)
{
	xmlNode *inner = n->children;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(type_elements); i++)
		if (!strcmp(name_of(n), type_elements[i]))
			break;
	if (i == ARRAY_SIZE(type_elements))
		return ovg_error(r->err, -EINVAL, "%s:%ld: <%s> is not expected in <type>",
				 r->name, xmlGetLineNo(n), name_of(n));
	if (*seen & 1u << i)
		return ovg_error(r->err, -EINVAL, "%s:%ld: <%s> is there twice", r->name,
				 xmlGetLineNo(n), name_of(n));
	*seen |= 1u << i;
	ret = next_element(r, &inner);
	if (!ret && inner)
		ret = ovg_error(r->err, -EINVAL, "%s:%ld: <%s> is not expected in <%s>", r->name,
				xmlGetLineNo(inner), name_of(inner), name_of(n));
	if (ret)
		return ret;
	return take_attributes(r, n, type_elements[i], type_places, ARRAY_SIZE(type_places));
}

static int read_type(struct reader *r, xmlNode *node)
{
	unsigned int seen = 0;
	size_t i;
	xmlNode *n;
	int ret;

	r->row.line = (unsigned long)xmlGetLineNo(node);
	for (i = 0; i < ARRAY_SIZE(type_places); i++)
		forget(r, type_places[i].field);
	ret = take_attributes(r, node, NULL, type_places, ARRAY_SIZE(type_places));
	for (n = node->children; !ret; n = n->next) {
		ret = next_element(r, &n);
		if (ret || !n)
			break;
		ret = read_type_element(r, n, &seen);
	}
	if (ret)
		return ret;

	for (i = 0; i < ARRAY_SIZE(type_elements); i++)
		if (i != ELEMENT_MIG && !(seen & 1u << i))
			return ovg_error(r->err, -EINVAL, "%s:%lu: <type> lacks <%s>", r->name,
					 r->row.line, type_elements[i]);
	r->row.text[OVG_F_MIG] = seen & 1u << ELEMENT_MIG ? "1" : "0";
	return ovg_row_add(r->t, &r->row, r->err);
}

static int expect(struct reader *r, xmlNode *n, const char *what)
{
	if (!n->ns && !strcmp(name_of(n), what))
		return 0;
	return ovg_error(r->err, -EINVAL, "%s:%ld: <%s> where <%s> is expected", r->name,
			 xmlGetLineNo(n), name_of(n), what);
}

static int read_board(struct reader *r, xmlNode *node)
{
	xmlNode *n;
	int ret;

	ret = take_attributes(r, node, NULL, board_places, ARRAY_SIZE(board_places));
	for (n = node->children; !ret; n = n->next) {
		ret = next_element(r, &n);
		if (ret || !n)
			break;
		ret = expect(r, n, "type");
		if (!ret) {
			ret = read_type(r, n);
			if (ret)
				ret = ovg_bad_type(r->problems, ret, r->err);
		}
	}
	return ret;
}

static int read_document(struct reader *r, xmlDoc *doc)
{
	xmlNode *root = xmlDocGetRootElement(doc);
	const size_t before = r->t->n_types;
	xmlNode *n;
	int ret;

	/* no entities, no defaulted attributes: what stands there is what counts */
	if (doc->intSubset)
		return ovg_error(r->err, -EINVAL, "%s: a document type is not allowed", r->name);
	ret = expect(r, root, "catalogue");
	if (!ret && root->properties)
		ret = ovg_error(r->err, -EINVAL, "%s:%ld: <catalogue> has no attribute '%s'",
				r->name, xmlGetLineNo(root), (const char *)root->properties->name);
	for (n = root->children; !ret; n = n->next) {
		ret = next_element(r, &n);
		if (ret || !n)
			break;
		ret = expect(r, n, "board");
		if (!ret)
			ret = read_board(r, n);
	}
	if (!ret && r->t->n_types == before && !(r->problems && r->problems->n))
		ret = ovg_error(r->err, -EINVAL, "%s: no types", r->name);
	return ret;
}

/* libxml2 ends its messages with a line feed. */
static int syntax_error(xmlParserCtxt *ctxt, const char *name, struct openvgpu_error *err)
{
	const xmlError *e = xmlCtxtGetLastError(ctxt);

	if (!e || !e->message)
		return ovg_error(err, -EINVAL, "%s: not well-formed XML", name);
	return ovg_error(err, -EINVAL, "%s:%d: %.*s", name, e->line,
			 (int)strcspn(e->message, "\n"), e->message);
}

int ovg_read_xml(struct openvgpu_types *t, const char *text, size_t len, const char *name,
		 struct openvgpu_problems *problems, struct openvgpu_error *err)
{
	struct openvgpu_error own;
	struct reader r = { .t = t, .name = name, .problems = problems, .row.name = name };
	xmlParserCtxt *ctxt;
	xmlDoc *doc;
	size_t i;
	int ret;

	r.err = err ? err : &own;
	if (len > INT_MAX)
		return ovg_error(err, -EFBIG, "%s: too large", name);
	ctxt = xmlNewParserCtxt();
	if (!ctxt)
		return ovg_error(err, -ENOMEM, "%s: out of memory", name);
	doc = xmlCtxtReadMemory(ctxt, text, (int)len, name, NULL,
				XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
				XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES);
	if (!doc) {
		ret = syntax_error(ctxt, name, err);
	} else {
		for (i = 0; i < OVG_N_FIELDS; i++)
			r.row.text[i] = "";
		ret = read_document(&r, doc);
		for (i = 0; i < OVG_N_FIELDS; i++)
			xmlFree(r.owned[i]);
		xmlFreeDoc(doc);
	}
	xmlFreeParserCtxt(ctxt);
	return ret;
}

int openvgpu_types_parse_xml(struct openvgpu_types *t, const char *text, size_t len,
			     const char *name, struct openvgpu_error *err)
{
	int ret;

	memset(t, 0, sizeof(*t));
	ret = ovg_read_xml(t, text, len, name, NULL, err);
	if (ret)
		openvgpu_types_free(t);
	return ret;
}

static void put_attribute(FILE *f, const char *name, const char *value)
{
	fprintf(f, " %s=\"", name);
	for (; *value; value++) {
		switch (*value) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			fputc(*value, f);
		}
	}
	fputc('"', f);
}

static void put_places(FILE *f, const struct ovg_row *row, const char *element,
		       const struct place *places, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!same_element(places[i].element, element))
			continue;
		if (places[i].optional && !*row->text[places[i].field])
			continue;
		put_attribute(f, places[i].attribute, row->text[places[i].field]);
	}
}

static void put_type(FILE *f, const struct ovg_row *row, bool mig)
{
	size_t i;

	fputs("    <type", f);
	put_places(f, row, NULL, type_places, ARRAY_SIZE(type_places));
	fputs(">\n", f);
	for (i = 0; i < ARRAY_SIZE(type_elements); i++) {
		if (i == ELEMENT_MIG && !mig)
			continue;
		fprintf(f, "      <%s", type_elements[i]);
		put_places(f, row, type_elements[i], type_places, ARRAY_SIZE(type_places));
		fputs("/>\n", f);
	}
	fputs("    </type>\n", f);
}

int openvgpu_types_write_xml(const struct openvgpu_types *t, FILE *f, struct openvgpu_error *err)
{
	char buf[OVG_ROW_BUF];
	struct ovg_row row;
	size_t b, i;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<catalogue>\n", f);
	for (b = 0; b < t->n_boards; b++) {
		bool open = false;

		for (i = 0; i < t->n_types; i++) {
			if (t->types[i].board != b)
				continue;
			ovg_row_text(t, &t->types[i], &row, buf);
			if (!open) {
				fputs("  <board", f);
				put_places(f, &row, NULL, board_places, ARRAY_SIZE(board_places));
				fputs(">\n", f);
				open = true;
			}
			put_type(f, &row, t->types[i].mig);
		}
		if (open)
			fputs("  </board>\n", f);
	}
	fputs("</catalogue>\n", f);
	if (fflush(f) || ferror(f))
		return ovg_error(err, -EIO, "cannot write: %s", strerror(errno));
	return 0;
}
