/* Header lines as a server may send them, one a line of the input: field,
 * hop, entity and way read nothing beside them and answer what can be. */
#include "fuzz.h"

#include "exchange/hop.h"
#include "exchange/way.h"
#include "text/entity.h"

static void check_field(const struct field *field, const char *line,
                        size_t length) {
  if (field->name == FIELD_OTHER)
    return;
  CHECK(field->value >= line && field->value + field->length <= line + length,
        "a value beside its line");
  CHECK(!field->length || (!strchr(" \t", field->value[0]) &&
                           !strchr(" \t", field->value[field->length - 1])),
        "white space around a value");
}

static void check_entity(struct entity *entity) {
  entity_seal(entity);
  CHECK(memchr(entity->tag, 0, sizeof entity->tag) &&
            memchr(entity->modified, 0, sizeof entity->modified) &&
            memchr(entity->date, 0, sizeof entity->date),
        "a text without end");
  CHECK(!entity->has_range ||
            (entity->first >= 0 && entity->last >= entity->first &&
             entity->total >= -1 &&
             (entity->total < 0 || entity->total > entity->last)),
        "the range %lld-%lld/%lld", (long long)entity->first,
        (long long)entity->last, (long long)entity->total);
  CHECK(!entity->has_range || entity->names_range, "a range without a name");
  CHECK(!entity_has_strong_tag(entity) ||
            (entity->tag[0] == '"' && entity->has_tag),
        "the tag %s", entity->tag);
  CHECK(entity_has_same_tag(entity, entity) == entity_has_strong_tag(entity),
        "a tag unlike itself");
}

/* Of Content-Length: no more than there are digits for. */
static void check_hop(const struct hop *hop, const struct shadow *shadow) {
  CHECK(hop->length >= -1, "the length %lld", (long long)hop->length);
  CHECK(hop_announced(hop, shadow) >= -1, "announced %lld",
        (long long)hop_announced(hop, shadow));
  CHECK(hop->status >= 0 && hop->status < 1000, "status %d", hop->status);
  (void)hop_has_no_body(hop, shadow);
  (void)hop_is_final(hop, shadow);
}

static void read_line(struct hop *hop, struct entity *entity,
                      struct shadow *shadow, const char *line, size_t length) {
  struct field field;

  if (hop_may_turn(hop) && draw_once_in(9))
    hop_turn_ftp(hop);
  switch (hop_line(hop, line, length, &field)) {
  case HOP_FIRST_LINE:
    entity_begin(entity);
    break;
  case HOP_BLOCK_END:
    check_entity(entity);
    check_hop(hop, shadow);
    break;
  default:
    check_field(&field, line, length);
    entity_note(entity, &field);
    break;
  }
  hop_reply(hop, line, length);
  field_parse(&field, line, length);
  check_field(&field, line, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  struct shadow shadow;
  struct entity entity;
  struct hop hop;
  struct way way;
  unsigned attempt = 1;

  input = (struct input){bytes, size};
  memset(&shadow, 0, sizeof shadow);
  shadow_reset(&shadow);
  shadow.follows_location = draw(2);
  shadow.http_auth = draw(16);
  shadow.keeps_encoding = draw_once_in(5);
  hop_begin(&hop, draw(3) != 2, draw_once_in(4));
  entity_begin(&entity);
  way_begin(&way);
  while (input.left) {
    char *line = draw_text('\n');
    size_t length = strlen(line);
    char *exact = malloc(length + 2);
    memcpy(exact, line, length);
    memcpy(exact + length, "\r\n", 2);
    free(line);
    if (draw_once_in(13))
      hop_prerequest(&hop);
    if (draw_once_in(17))
      hop_body(&hop);
    if (draw_once_in(19))
      (void)way_knows(&way, hop.identity, attempt++);
    read_line(&hop, &entity, &shadow, exact, length + 2);
    free(exact);
  }
  check_entity(&entity);
  shadow_free(&shadow);
  return 0;
}
