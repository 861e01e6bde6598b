/// The C interface of Apus: open a model, run it on the emulated chip, read what the chip did.
///
///     char error[512];
///     apus_session *session = NULL;
///     if (apus_session_open("model.onnx", NULL, &session, error, sizeof error) != APUS_OK)
///         return fprintf(stderr, "%s\n", error);
///     apus_session_run(session, inputs, 1, error, sizeof error);
///     const apus_tensor *answer = apus_session_output(session, 0);
///
/// Every function may be called from any thread; one session serves one call at a time.
/// Strings are UTF-8 and zero-terminated. A failing call writes one line into `error`, cut to its
/// size.
#ifndef APUS_H
#define APUS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a call came to.
typedef enum {
    APUS_OK = 0,
    /// The file, option, name, shape or type was wrong; `error` names it and says what would work.
    APUS_BAD_INPUT = 2,
    /// The model uses something that Apus does not have yet; `error` names the node.
    APUS_UNSUPPORTED = 3,
    /// The machine trapped, or another fault of Apus itself.
    APUS_FAULT = 4,
} apus_status;

/// The most dimensions a tensor may have.
#define APUS_RANK_MAX 16

/// A tensor in host memory: dense, row-major, little endian.
typedef struct {
    /// Its name in the model; not read for inputs when NULL (then position decides).
    const char *name;
    /// ONNX's TensorProto.DataType: 1 float32, 2 uint8, 3 int8, 5 int16, 6 int32, 7 int64, 9 bool,
    /// … Types narrower than a byte hold one element in each byte.
    int32_t element_type;
    int32_t rank;
    /// Extents; -1 where a model leaves one open.
    int64_t shape[APUS_RANK_MAX];
    void *data;
    uint64_t byte_count;
} apus_tensor;

typedef struct apus_session apus_session;

/// The version of the library, such as "0.1.0".
const char *apus_version(void);

/// Opens a model for a chip.
///
/// `options` is NULL or `key=value` pairs separated by line feeds: `chip` (a preset or a chip
/// file),
/// `precision` (`bf16`, `highest`), `threads`, `mode` (`fast`, `oracle`, `checked:SEED`).
apus_status apus_session_open(const char *path, const char *options, apus_session **session,
                              char *error, size_t error_size);

/// Closes a session and frees its outputs.
void apus_session_close(apus_session *session);

/// How many inputs the model has, and their names, types and shapes.
size_t apus_session_input_count(const apus_session *session);
apus_status apus_session_input(const apus_session *session, size_t index, apus_tensor *port);

/// A text that the model file carries under `key` (ONNX metadata), or NULL.
const char *apus_session_metadata(apus_session *session, const char *key);

/// Runs the model. The outputs stay valid until the next run or the close.
apus_status apus_session_run(apus_session *session, const apus_tensor *inputs, size_t input_count,
                             char *error, size_t error_size);

/// How many outputs the last run gave (0 before the first), and one of them.
size_t apus_session_output_count(const apus_session *session);
const apus_tensor *apus_session_output(const apus_session *session, size_t index);

/// What the last run did, as JSON: where each node ran, launches, commands, bytes, multiply-adds.
const char *apus_session_report(const apus_session *session);

#ifdef __cplusplus
}
#endif
#endif
