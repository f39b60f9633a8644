#include "handloop/tick_tracer.hpp"

#include <doctest/doctest.h>
#include <sys/syscall.h>

#include <cstdlib>
#include <functional>
#include <optional>

namespace handloop::testing::tick_tracer {
namespace {

volatile double sink;
void* volatile block;

void work(int rounds) {
  for (int i = 0; i < rounds; ++i) sink = sink + 1.0;
}

// Empty where one process may not trace another; then there is nothing to test.
std::optional<TickTrace> traced(std::size_t count, std::size_t stride,
                                const std::function<void(std::size_t)>& tick) {
  try {
    return TickTracer::trace(count, stride, [&tick](std::size_t i) { tick(i); });
  } catch (const std::runtime_error& error) {
    MESSAGE(error.what());
    return std::nullopt;
  }
}

TEST_CASE("instructions are counted exactly") {
  const auto few = traced(1, 1, [](std::size_t) { work(100); });
  const auto again = traced(1, 1, [](std::size_t) { work(100); });
  const auto more = traced(1, 1, [](std::size_t) { work(200); });
  const auto most = traced(1, 1, [](std::size_t) { work(300); });
  if (!few) return;
  CHECK(few->instructions == again->instructions);
  CHECK(more->instructions >= few->instructions + 300);  // load, add, store, and the loop's own
  CHECK(most->instructions - more->instructions == more->instructions - few->instructions);
  CHECK(few->allocations == 0);
  CHECK(few->system_calls == 0);
}

TEST_CASE("the ticks between are done, but not counted") {
  int seen = 0;
  const auto trace = traced(10, 4, [&seen](std::size_t i) { work(10 * (seen++ == int(i))); });
  const auto one = traced(1, 1, [](std::size_t) { work(10); });
  if (!trace) return;
  CHECK(trace->ticks == 3);  // 1, 5 and 9
  CHECK(trace->instructions > 2 * one->instructions);
  CHECK(trace->instructions_max >= trace->instructions / 3);
  CHECK(seen == 0);  // it was a copy that ticked
}

TEST_CASE("the heap and the kernel are noticed") {
  const auto trace = traced(1, 1, [](std::size_t) {
    block = std::malloc(10);
    std::free(block);
    syscall(SYS_getppid);
  });
  if (!trace) return;
  CHECK(trace->allocations == 2);
  CHECK(trace->system_calls >= 1);  // the heap may ask the kernel for memory
}

TEST_CASE("a tick that ends the process is an error") {
  if (!traced(1, 1, [](std::size_t) {})) return;
  CHECK_THROWS_AS(TickTracer::trace(1, 1, [](std::size_t) { _exit(0); }), std::runtime_error);
  CHECK_THROWS_AS(TickTracer::trace(2, 2, [](std::size_t) { std::abort(); }), std::runtime_error);
}

}  // namespace
}  // namespace handloop::testing::tick_tracer
