/* What MIT's library costs: both heads of GSS-API contexts in one process, in the world that the environment names.
 *
 *     cc -O2 -o heads heads.c -lgssapi_krb5 -lkrb5 -lk5crypto
 *     KRB5_CONFIG=.. KRB5CCNAME=.. KRB5_KTNAME=.. ./heads ENCTYPE-NAME
 *
 * The cache must have a ticket for host@localhost, the keytab its key, and the configuration permit one enctype only.
 * A line a figure, as the benches of ours record them: what, enctype, octets of the message, nanoseconds. These are medians of
 * several windows of CPU time of the one thread, as ours are. `cargo xtask bench` builds and runs it.
 */
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WINDOWS = 11, LEAST_NANOSECONDS = 5000000, MOST_CALLS = 1 << 18 };

static const char *enctype_name;
static gss_name_t service;
static gss_cred_id_t acceptor_credential = GSS_C_NO_CREDENTIAL;

/* What one figure works on. Tokens are made and freed outside of the time. */
struct work {
    gss_ctx_id_t initiator, acceptor;
    gss_buffer_desc message, *tokens;
    krb5_context krb5;
    krb5_enctype enctype;
    int sealed;
};

static void fail(const char *what, OM_uint32 major, OM_uint32 minor)
{
    fprintf(stderr, "%s: major %08x, minor %u\n", what, major, minor);
    exit(1);
}

static double thread_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1e9 + now.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef void step(struct work *, int call);

/* Each window prepares all its calls, makes them in the time, and cleans up after them. */
static void figure(const char *what, size_t octets, int most, struct work *work, step prepare, step call, step clean)
{
    double windows[WINDOWS], taken = 0;
    int calls = 1, window, i;
    for (window = -1; window < WINDOWS; ) {
        double start;
        for (i = 0; prepare && i < calls; i++) prepare(work, i);
        start = thread_time();
        for (i = 0; i < calls; i++) call(work, i);
        taken = thread_time() - start;
        for (i = 0; clean && i < calls; i++) clean(work, i);
        if (window < 0 && taken < LEAST_NANOSECONDS && calls < most) {
            calls = calls * 2 < most ? calls * 2 : most;
            continue;
        }
        if (window >= 0) windows[window] = taken / calls;
        window++;
    }
    qsort(windows, WINDOWS, sizeof *windows, by_size);
    printf("%s\t%s\t%zu\t%.1f\n", what, enctype_name, octets, windows[WINDOWS / 2]);
    fflush(stdout);
}

static OM_uint32 initiate(gss_ctx_id_t *context, gss_buffer_t in, gss_buffer_t out)
{
    OM_uint32 minor, major;
    major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, context, service, (gss_OID)gss_mech_krb5,
                                 GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG, 0,
                                 GSS_C_NO_CHANNEL_BINDINGS, in, NULL, out, NULL, NULL);
    if (GSS_ERROR(major)) fail("gss_init_sec_context", major, minor);
    return major;
}

static void accept_token(gss_ctx_id_t *context, gss_buffer_t in, gss_buffer_t out)
{
    OM_uint32 minor, major;
    major = gss_accept_sec_context(&minor, context, acceptor_credential, in, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL,
                                   out, NULL, NULL, NULL);
    if (GSS_ERROR(major)) fail("gss_accept_sec_context", major, minor);
}

static void end(gss_ctx_id_t *context)
{
    OM_uint32 minor;
    gss_delete_sec_context(&minor, context, NULL);
    *context = GSS_C_NO_CONTEXT;
}

static void release(struct work *work, int i)
{
    OM_uint32 minor;
    gss_release_buffer(&minor, &work->tokens[i]);
}

static void establish(struct work *work)
{
    OM_uint32 minor;
    gss_buffer_desc request = GSS_C_EMPTY_BUFFER, reply = GSS_C_EMPTY_BUFFER, none = GSS_C_EMPTY_BUFFER;
    initiate(&work->initiator, GSS_C_NO_BUFFER, &request);
    accept_token(&work->acceptor, &request, &reply);
    initiate(&work->initiator, &reply, &none);
    gss_release_buffer(&minor, &request);
    gss_release_buffer(&minor, &reply);
}

static void wrap(struct work *work, int i)
{
    OM_uint32 minor, major;
    major = gss_wrap(&minor, work->initiator, work->sealed, GSS_C_QOP_DEFAULT, &work->message, NULL, &work->tokens[i]);
    if (major) fail("gss_wrap", major, minor);
}

static void unwrap(struct work *work, int i)
{
    OM_uint32 minor, major;
    gss_buffer_desc message = GSS_C_EMPTY_BUFFER;
    major = gss_unwrap(&minor, work->acceptor, &work->tokens[i], &message, NULL, NULL);
    if (major) fail("gss_unwrap", major, minor);
    gss_release_buffer(&minor, &message);
}

static void get_mic(struct work *work, int i)
{
    OM_uint32 minor, major;
    major = gss_get_mic(&minor, work->initiator, GSS_C_QOP_DEFAULT, &work->message, &work->tokens[i]);
    if (major) fail("gss_get_mic", major, minor);
}

static void verify_mic(struct work *work, int i)
{
    OM_uint32 minor, major;
    major = gss_verify_mic(&minor, work->acceptor, &work->message, &work->tokens[i], NULL);
    if (major) fail("gss_verify_mic", major, minor);
}

static void first_token(struct work *work, int i)
{
    initiate(&work->initiator, GSS_C_NO_BUFFER, &work->tokens[i]);
    end(&work->initiator);
}

static void accept_one(struct work *work, int i)
{
    OM_uint32 minor;
    gss_buffer_desc reply = GSS_C_EMPTY_BUFFER;
    accept_token(&work->acceptor, &work->tokens[i], &reply);
    gss_release_buffer(&minor, &reply);
    end(&work->acceptor);
}

static void pair(struct work *work, int i)
{
    (void)i;
    establish(work);
    end(&work->initiator);
    end(&work->acceptor);
}

static void string_to_key(struct work *work, int i)
{
    krb5_keyblock key;
    krb5_data password = { 0, 8, "password" }, salt = { 0, 15, "EXAMPLE.COMuser" };
    (void)i;
    if (krb5_c_string_to_key(work->krb5, work->enctype, &password, &salt, &key)) exit(1);
    krb5_free_keyblock_contents(work->krb5, &key);
}

static void messages(struct work *work, size_t octets)
{
    int most = (1 << 24) / (octets + 256) + 1;
    if (most > MOST_CALLS) most = MOST_CALLS;
    work->message.length = octets;
    work->message.value = malloc(octets);
    memset(work->message.value, 0x41, octets);
    work->sealed = 1;
    figure("wrap", octets, most, work, NULL, wrap, release);
    end(&work->initiator), end(&work->acceptor), establish(work);
    figure("unwrap", octets, most, work, wrap, unwrap, release);
    figure("get_mic", octets, most, work, NULL, get_mic, release);
    end(&work->initiator), end(&work->acceptor), establish(work);
    figure("verify_mic", octets, most, work, get_mic, verify_mic, release);
    free(work->message.value);
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = { 64, 1024, 16384, 65536, 1 << 20 };
    OM_uint32 minor, major;
    gss_buffer_desc name = { 14, "host@localhost" };
    struct work work = { 0 };
    size_t i;

    if (argc != 2) {
        fprintf(stderr, "usage: heads ENCTYPE-NAME\n");
        return 2;
    }
    enctype_name = argv[1];
    work.tokens = calloc(MOST_CALLS, sizeof *work.tokens);
    if (!work.tokens || krb5_init_context(&work.krb5) || krb5_string_to_enctype(argv[1], &work.enctype)) return 1;
    major = gss_import_name(&minor, &name, GSS_C_NT_HOSTBASED_SERVICE, &service);
    if (major) fail("gss_import_name", major, minor);
    major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &acceptor_credential, NULL, NULL);
    if (major) fail("gss_acquire_cred", major, minor);

    figure("first token", 0, 4096, &work, NULL, first_token, release);
    figure("accept", 0, 4096, &work, first_token, accept_one, release);
    figure("pair", 0, 4096, &work, NULL, pair, NULL);
    figure("string-to-key", 0, 64, &work, NULL, string_to_key, NULL);
    establish(&work);
    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) messages(&work, sizes[i]);
    return 0;
}
