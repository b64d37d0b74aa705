// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Callout for mdevctl 1.2 and 1.4: says why the driver refuses a vGPU, and which
 * attributes a vGPU has. mdevctl runs it for each step of each command:
 *
 *	50-openvgpu -t TYPE -e EVENT -a ACTION -s STATE -u UUID -p PARENT
 *
 * with JSON on standard input. What it prints on standard error is what a user of
 * virsh reads. mdevctl(8) and callouts(8) have the rules; two that matter here:
 *
 *   - Exit status 2 is "not my type"; then the next script is asked.
 *   - 1.4 asks for the capabilities first, and an action or event that is not among them
 *     makes its command fail.
 *
 * "get attributes" runs once a vGPU each time libvirt looks at them, mostly for one that has
 * none: one file of it is read, and there is no more to a run than must be. For the same reason
 * the program is linked statically where that is possible.
 * No policy is here: whoever writes into sysfs runs no callout.
 */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_MINE	2

/* Longest file that is read: attributes with 1024 bytes of vgpu_params. */
#define FILE_MAX	4096
/* Longest configuration that mdevctl may send. */
#define INPUT_MAX	(256 * 1024)

struct call {
	const char *type, *event, *action, *state, *uuid, *parent;
	const char *sysfs;
	char *input;
};

/* Returns the text without its last newline, or NULL. */
static const char *read_file(char *buf, size_t size, const char *path)
{
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	n = read(fd, buf, size - 1);
	close(fd);
	if (n < 0)
		return NULL;
	buf[n] = '\0';
	if (n && buf[n - 1] == '\n')
		buf[n - 1] = '\0';
	return buf;
}

static const char *read_at(char *buf, size_t size, const char *root, const char *dir,
			   const char *name, const char *file)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s/%s/%s", root, dir, name, file) >=
	    (int)sizeof(path))
		return NULL;
	return read_file(buf, size, path);
}

static const char *read_parent(const struct call *c, char *buf, size_t size, const char *file)
{
	return read_at(buf, size, c->sysfs, "class/mdev_bus", c->parent, file);
}

/* Its status is not read, only looked for: a reader waits for who is changing the GPU. */
static bool is_ours(const struct call *c)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/class/mdev_bus/%s/vgpu/status", c->sysfs,
			c->parent) < (int)sizeof(path) &&
	       !access(path, F_OK);
}

/* Of a GPU that is no mdev parent, or not yet. */
static const char *read_pci(const struct call *c, char *buf, size_t size, const char *file)
{
	return read_at(buf, size, c->sysfs, "bus/pci/devices", c->parent, file);
}

static const char *read_mdev(const struct call *c, char *buf, size_t size, const char *file)
{
	return read_at(buf, size, c->sysfs, "bus/mdev/devices", c->uuid, file);
}

/*
 * All of it, also what nobody wants: 1.2 takes a script that closes the pipe early for one
 * that has failed. Returns what is @wanted, or NULL.
 */
static char *drain(int fd, bool wanted)
{
	char *text = wanted ? malloc(INPUT_MAX + 1) : NULL;
	size_t len = 0;
	char waste[4096];
	ssize_t n;

	for (;;) {
		if (text && len < INPUT_MAX)
			n = read(fd, text + len, INPUT_MAX - len);
		else
			n = read(fd, waste, sizeof(waste));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (text && len < INPUT_MAX)
			len += (size_t)n;
	}
	if (text)
		text[len] = '\0';
	return text;
}

static int capabilities(void)
{
	puts("{\"supports\":{\"version\":2,"
	     "\"actions\":[\"start\",\"stop\",\"define\",\"undefine\",\"modify\",\"attributes\","
	     "\"capabilities\"],"
	     "\"events\":[\"pre\",\"post\",\"notify\",\"get\",\"live\"]}}");
	return 0;
}

/*
 * The file has a line "name=value" for each attribute that a user has set. What is
 * reported is written back at the next start: nothing that the driver chose may be here.
 */
static int attributes(const struct call *c)
{
	char text[FILE_MAX], *line, *next;
	struct json_object *list;

	if (!read_mdev(c, text, sizeof(text), "vgpu/attributes") || !text[0]) {
		puts("[]");
		return 0;
	}
	list = json_object_new_array();
	if (!list)
		return 1;
	for (line = text; *line; line = next) {
		size_t len = strcspn(line, "\n");
		struct json_object *one;
		char *value;

		next = line + len + (line[len] == '\n');
		line[len] = '\0';
		value = strchr(line, '=');
		if (!value)
			continue;
		*value++ = '\0';
		one = json_object_new_object();
		json_object_object_add(one, line, json_object_new_string(value));
		json_object_array_add(list, one);
	}
	puts(json_object_to_json_string_ext(list, JSON_C_TO_STRING_PLAIN |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(list);
	return 0;
}

/*
 * "vgpuctl why" knows what is free and says what would fit. Returns its exit status, or -1
 * if there is no answer: 0 that it fits after all, 1 with the reason in @text.
 */
static int ask_vgpuctl(const struct call *c, char *text, size_t size)
{
	const char *tool = getenv("OPENVGPU_VGPUCTL");
	int out[2], null, status = 0;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC))
		return -1;
	pid = fork();
	if (!pid) {
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		dup2(null, STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		/* What an older one has to say about a command that it does not know. */
		dup2(null, STDERR_FILENO);
		execl(tool ? tool : OPENVGPU_BINDIR "/vgpuctl", "vgpuctl", "why", c->parent,
		      c->type, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	while (pid > 0) {
		n = read(out[0], text + len, size - 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		/* Also if the buffer is full: so long a reason is cut. */
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	close(out[0]);
	text[len] = '\0';
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1 ||
	    (WEXITSTATUS(status) && !text[0]))
		return -1;
	return WEXITSTATUS(status);
}

/* The driver's own words: a line "ID<tab>NAME<tab>REASON" for each type. Root's only. */
static bool ask_driver(const struct call *c, char *text, size_t size)
{
	const char *id = c->type + strlen("nvidia-");
	char path[PATH_MAX], *line = NULL, *name, *why;
	size_t room = 0;
	bool found = false;
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/kernel/debug/openvgpu/%s/types", c->sysfs,
		     c->parent) >= (int)sizeof(path))
		return false;
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!found && getline(&line, &room, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		name = strchr(line, '\t');
		why = name ? strchr(name + 1, '\t') : NULL;
		if (!why)
			continue;
		*name++ = '\0';
		*why++ = '\0';
		if (strcmp(line, id) || !strcmp(why, "creatable"))
			continue;
		snprintf(text, size, "no %s on %s: %s", name, c->parent, why);
		found = true;
	}
	free(line);
	fclose(f);
	return found;
}

/*
 * mdevctl itself refuses a type of which nothing is available, in words that say nothing,
 * after this and before the driver is asked.
 */
static int before_start(const struct call *c)
{
	char file[NAME_MAX + 64], text[FILE_MAX];

	snprintf(file, sizeof(file), "mdev_supported_types/%.*s/available_instances", NAME_MAX,
		 c->type);
	if (!read_parent(c, text, sizeof(text), file) || strcmp(text, "0"))
		return 0;
	switch (ask_vgpuctl(c, text, sizeof(text))) {
	case 0:
		/* Given back in the meantime. */
		return 0;
	case 1:
		break;
	default:
		if (!ask_driver(c, text, sizeof(text)))
			snprintf(text, sizeof(text), "no %.64s can be made on %.64s now", c->type,
				 c->parent);
	}
	fprintf(stderr, "%s\n", text);
	return 1;
}

/* mdevctl itself would say that the parent "is not currently registered for mdev support". */
static int no_parent(const struct call *c, const char *status)
{
	if (strcmp(status, "ready"))
		fprintf(stderr, "%s cannot have vGPUs: %s\n", c->parent, status);
	else
		fprintf(stderr, "%s is no mdev parent: enable its VFs, then write 1 to vgpu/mdev\n",
			c->parent);
	return 1;
}

static int after_start(const struct call *c)
{
	char text[FILE_MAX];

	if (!strcmp(c->state, "failure") &&
	    read_parent(c, text, sizeof(text), "vgpu/last_error") && text[0])
		fprintf(stderr, "%s\n", text);
	return 0;
}

/* Writes an attribute if it is not what it should be. */
static int apply(const struct call *c, const char *name, const char *value)
{
	char path[PATH_MAX], text[FILE_MAX];
	const char *now;
	ssize_t n;
	int fd, err;

	/* Only what this driver has, and no way out of the mdev's folder. */
	if (strcmp(name, "vgpu/vm_name") &&
	    (strncmp(name, "nvidia/", 7) || strchr(name + 7, '/') || name[7] == '.')) {
		fprintf(stderr, "%s is no attribute of a vGPU\n", name);
		return 1;
	}
	now = read_mdev(c, text, sizeof(text), name);
	if (now && !strcmp(now, value))
		return 0;
	if (snprintf(path, sizeof(path), "%s/bus/mdev/devices/%s/%s", c->sysfs, c->uuid, name) >=
	    (int)sizeof(path))
		return 1;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : write(fd, value[0] ? value : " ", value[0] ? strlen(value) : 1);
	err = errno;
	if (fd >= 0)
		close(fd);
	if (n >= 0)
		return 0;
	if (err == ENOENT)
		fprintf(stderr, "a vGPU has no attribute %s\n", name);
	else if (read_parent(c, text, sizeof(text), "vgpu/last_error") && text[0])
		fprintf(stderr, "%s: %s\n", name, text);
	else
		fprintf(stderr, "%s: %s\n", name, strerror(err));
	return 1;
}

/* Is there an entry of this name from @i on? */
static bool set_from(struct json_object *attrs, size_t i, const char *name)
{
	size_t n = json_object_array_length(attrs);

	for (; i < n; i++)
		if (json_object_object_get_ex(json_object_array_get_idx(attrs, i), name, NULL))
			return true;
	return false;
}

static int apply_one(const struct call *c, struct json_object *attrs, size_t i)
{
	struct json_object *one = json_object_array_get_idx(attrs, i);
	int status = 0;

	if (!json_object_is_type(one, json_type_object)) {
		fprintf(stderr, "cannot read the attributes of the new configuration\n");
		return 1;
	}
	json_object_object_foreach(one, key, value) {
		/* The last one holds, as at a start. */
		if (status || set_from(attrs, i + 1, key))
			continue;
		if (json_object_is_type(value, json_type_string)) {
			status = apply(c, key, json_object_get_string(value));
		} else {
			fprintf(stderr, "the value of %s is not a text\n", key);
			status = 1;
		}
	}
	return status;
}

/*
 * The new configuration is on standard input. vgpu_params that are gone are cleared; a place
 * or a GPU instance that is gone has no "none" to go back to, so the vGPU stays where it is.
 */
static int live_modify(const struct call *c)
{
	struct json_object *config = c->input ? json_tokener_parse(c->input) : NULL;
	struct json_object *attrs = NULL, *type = NULL;
	int status = 1;
	size_t i, n = 0;

	if (!json_object_is_type(config, json_type_object)) {
		fprintf(stderr, "cannot read the new configuration\n");
		goto out;
	}
	if (json_object_object_get_ex(config, "mdev_type", &type) &&
	    (!json_object_is_type(type, json_type_string) ||
	     strcmp(json_object_get_string(type), c->type))) {
		fprintf(stderr, "the type of a vGPU that exists cannot be changed\n");
		goto out;
	}
	json_object_object_get_ex(config, "attrs", &attrs);
	if (attrs && !json_object_is_type(attrs, json_type_array)) {
		fprintf(stderr, "cannot read the attributes of the new configuration\n");
		goto out;
	}
	if (attrs)
		n = json_object_array_length(attrs);
	status = 0;
	for (i = 0; i < n && !status; i++)
		status = apply_one(c, attrs, i);
	if (!status && !(attrs && set_from(attrs, 0, "nvidia/vgpu_params")))
		status = apply(c, "nvidia/vgpu_params", "");
out:
	json_object_put(config);
	return status;
}

static bool is(const struct call *c, const char *event, const char *action)
{
	return !strcmp(c->event, event) && !strcmp(c->action, action);
}

/* A PCI address or a UUID: no way out of the folder that it is looked for in. */
static bool is_name(const char *text)
{
	return text[strspn(text, "0123456789abcdefABCDEF-:.")] == '\0' && text[0] != '.';
}

static int run(const struct call *c)
{
	char text[FILE_MAX];

	/* Other drivers are called nvidia too. The parent may be gone when a vGPU stops. */
	if (strncmp(c->type, "nvidia-", 7) || strchr(c->type, '/') || !is_name(c->parent) ||
	    !is_name(c->uuid))
		return NOT_MINE;
	if (!is_ours(c)) {
		if (is(c, "pre", "start") && read_pci(c, text, sizeof(text), "vgpu/status"))
			return no_parent(c, text);
		return NOT_MINE;
	}
	if (is(c, "get", "capabilities"))
		return capabilities();
	if (is(c, "get", "attributes"))
		return attributes(c);
	if (is(c, "pre", "start"))
		return before_start(c);
	if (is(c, "post", "start"))
		return after_start(c);
	if (is(c, "live", "modify"))
		return live_modify(c);
	return 0;
}

int main(int argc, char **argv)
{
	const char *sysfs = getenv("OPENVGPU_SYSFS");
	struct call c = { "", "", "", "", "", "", sysfs ? sysfs : "/sys", NULL };
	int i, status;

	for (i = 1; i + 1 < argc; i += 2) {
		const char **to = !strcmp(argv[i], "-t") ? &c.type :
				  !strcmp(argv[i], "-e") ? &c.event :
				  !strcmp(argv[i], "-a") ? &c.action :
				  !strcmp(argv[i], "-s") ? &c.state :
				  !strcmp(argv[i], "-u") ? &c.uuid :
				  !strcmp(argv[i], "-p") ? &c.parent : NULL;

		if (to)
			*to = argv[i + 1];
	}
	c.input = drain(STDIN_FILENO, is(&c, "live", "modify"));
	status = run(&c);
	free(c.input);
	if (fflush(stdout))
		status = 1;
	return status;
}
