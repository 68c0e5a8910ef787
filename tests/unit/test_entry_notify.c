/* test_entry_notify.c - CURLMOPT_NOTIFYFUNCTION of libcurl 8.17 and later: the
 * program hears of a transfer's end when it can read the message, and not of
 * the attempts before it. */
#include "entry_scene.h"

static char data, admin; /* what its callback is to get */

static struct heard {
  unsigned notification;
  CURL *easy;
} heard[8];
static size_t heard_count;
static void (*on_heard)(void); /* what it does in the callback */

static void on_notify(CURLM *multi, unsigned notification, CURL *easy,
                      void *given) {
  assert_ptr_equal(multi, the_multi());
  assert_ptr_equal(given, &data);
  assert_true(heard_count < COUNT(heard));
  heard[heard_count++] = (struct heard){notification, easy};
  if (on_heard)
    on_heard();
}

static CURLMcode set(CURLMoption option, void *word) {
  return entry_multi_setopt(ENTERED, the_multi(), option, word);
}

static CURLMcode enable(unsigned notification) {
  return entry_multi_notify_enable(ENTERED, the_multi(), notification);
}

static CURLMcode disable(unsigned notification) {
  return entry_multi_notify_disable(ENTERED, the_multi(), notification);
}

static void program_listens(void) {
  assert_int_equal(set(CURLMOPT_NOTIFYFUNCTION, (void *)(uintptr_t)on_notify),
                   CURLM_OK);
  assert_int_equal(set(CURLMOPT_NOTIFYDATA, &data), CURLM_OK);
}

static int begin(void **unused) {
  (void)unused;
  heard_count = 0;
  on_heard = NULL;
  (void)entry_begin(0x081600);
  program_makes_easy();
  program_makes_multi();
  program_listens();
  assert_int_equal(enable(NOTIFY_INFO_READ), CURLM_OK);
  assert_int_equal(enable(NOTIFY_EASY_DONE), CURLM_OK);
  program_adds();
  return 0;
}

/* libcurl tells when a transfer of its own ends, and that there is a message.
 */
static void notify_end(void) {
  libcurl_notifies(NOTIFY_EASY_DONE, the_easy());
  libcurl_notifies(NOTIFY_INFO_READ, (CURL *)&admin);
}

static void busy(void) {
  plays_busy();
  notify_end();
}

static void fine(void) {
  plays_fine();
  notify_end();
}

/* The transfer's second attempt is its last. */
static void run_to_the_end(void) {
  entry_scene.plays = busy;
  assert_int_equal(program_drives(), 1);
  assert_int_equal(heard_count, 0);
  entry_scene.now += 1000;
  entry_scene.plays = plays_nothing; /* it is added anew */
  assert_int_equal(program_drives(), 1);
  assert_int_equal(heard_count, 0);
  entry_scene.plays = fine;
  assert_int_equal(program_drives(), 0);
}

static void the_end_is_told_once(void **unused) {
  (void)unused;
  run_to_the_end();
  assert_int_equal(heard_count, 2);
  assert_int_equal(heard[0].notification, NOTIFY_EASY_DONE);
  assert_ptr_equal(heard[0].easy, the_easy());
  assert_int_equal(heard[1].notification, NOTIFY_INFO_READ);
  assert_ptr_equal(heard[1].easy, &admin);
  program_reads(the_easy(), CURLE_OK);
}

static int in_callback;

static void read_and_drive(void) {
  int running;

  if (heard[heard_count - 1].notification != NOTIFY_INFO_READ)
    return;
  in_callback++;
  assert_int_equal(entry_multi_perform(ENTERED, the_multi(), &running),
                   CURLM_RECURSIVE_API_CALL);
  program_reads(the_easy(), CURLE_OK);
}

/* As libcurl says of its own (CURLMOPT_NOTIFYFUNCTION(3)). */
static void its_callback_may_read_and_not_drive(void **unused) {
  (void)unused;
  in_callback = 0;
  on_heard = read_and_drive;
  run_to_the_end();
  assert_int_equal(in_callback, 1);
}

static void add_again(void) {
  if (heard[heard_count - 1].notification != NOTIFY_EASY_DONE)
    return;
  assert_int_equal(entry_multi_remove_handle(ENTERED, the_multi(), the_easy()),
                   CURLM_OK);
  program_adds();
  if (in_callback++)
    assert_int_equal(
        entry_multi_remove_handle(ENTERED, the_multi(), the_easy()), CURLM_OK);
}

/* libcurl counted what runs before it: so we do. */
static void what_its_callback_adds_and_removes_is_counted(void **unused) {
  (void)unused;
  in_callback = 0;
  on_heard = add_again;
  entry_scene.plays = fine;
  assert_int_equal(program_drives(), 1);
  assert_int_equal(program_drives(), 0);
  assert_int_equal(in_callback, 2);
}

static void what_is_disabled_is_not_told(void **unused) {
  (void)unused;
  assert_int_equal(disable(NOTIFY_EASY_DONE), CURLM_OK);
  assert_int_equal(disable(NOTIFY_INFO_READ), CURLM_OK);
  run_to_the_end();
  assert_int_equal(heard_count, 0);
  program_reads(the_easy(), CURLE_OK);
}

/* What we have to hear, whatever the program wants to. */
static void libcurl_goes_on_telling_of_messages(void **unused) {
  const unsigned none = 0, messages = 1u << NOTIFY_INFO_READ;

  (void)unused;
  assert_int_equal(disable(NOTIFY_INFO_READ), CURLM_OK);
  assert_int_equal(disable(NOTIFY_EASY_DONE), CURLM_OK);
  assert_int_equal(entry_scene.notifications, messages);
  entry_scene.notifications = none;
  program_listens();
  assert_int_equal(entry_scene.notifications, messages);
}

static void of_others_libcurl_itself_tells(void **unused) {
  char other;

  (void)unused;
  libcurl_notifies(NOTIFY_EASY_DONE, (CURL *)&other);
  entry_scene.notifications |= 4; /* a later libcurl's */
  libcurl_notifies(2, (CURL *)&other);
  assert_int_equal(heard_count, 2);
  assert_ptr_equal(heard[0].easy, &other);
  assert_int_equal(heard[1].notification, 2);
}

/* MULTI=0, DISABLE=1: it is libcurl's, all of it. */
static void without_us_all_is_told(void **unused) {
  (void)unused;
  entry_scene.policy.multi = false;
  entry_scene.plays = fine;
  assert_int_equal(program_drives(), 0);
  assert_int_equal(heard_count, 2);
  assert_int_equal(heard[0].notification, NOTIFY_EASY_DONE);
  assert_int_equal(heard[1].notification, NOTIFY_INFO_READ);
}

static void what_libcurl_refuses_is_refused(void **unused) {
  (void)unused;
  assert_int_equal(set(CURLMOPT_NOTIFYFUNCTION, NULL), CURLM_OK);
  assert_int_equal(disable(NOTIFY_EASY_DONE), CURLM_OK);
  entry_scene.refusal = CURLM_UNKNOWN_OPTION;
  assert_int_equal(set(CURLMOPT_NOTIFYFUNCTION, (void *)(uintptr_t)on_notify),
                   CURLM_UNKNOWN_OPTION);
  assert_int_equal(set(CURLMOPT_NOTIFYDATA, NULL), CURLM_UNKNOWN_OPTION);
  assert_int_equal(enable(NOTIFY_EASY_DONE), CURLM_UNKNOWN_OPTION);
  entry_scene.refusal = CURLM_OK;
  run_to_the_end();
  assert_int_equal(heard_count, 0);
}

/* A handle that was made where we couldn't see it. */
static void a_multi_handle_of_no_row_is_libcurls(void **unused) {
  (void)unused;
  multi_free(table_forget_multi(the_multi()));
  assert_int_equal(disable(NOTIFY_INFO_READ), CURLM_OK);
  assert_int_equal(entry_scene.notifications, 1u << NOTIFY_EASY_DONE);
  assert_int_equal(enable(NOTIFY_INFO_READ), CURLM_OK);
  assert_int_equal(entry_scene.notifications, 3);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, entry_end)

int main(void) {
  static const struct CMUnitTest all[] = {
      TEST(the_end_is_told_once),
      TEST(its_callback_may_read_and_not_drive),
      TEST(what_its_callback_adds_and_removes_is_counted),
      TEST(what_is_disabled_is_not_told),
      TEST(libcurl_goes_on_telling_of_messages),
      TEST(of_others_libcurl_itself_tells),
      TEST(without_us_all_is_told),
      TEST(what_libcurl_refuses_is_refused),
      TEST(a_multi_handle_of_no_row_is_libcurls),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}
