#include "handloop/tick_timer.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::tick_timer {
namespace {

struct Rig {
  Controller controller{pinch_hand(), config_for(pinch_hand())};
  std::vector<HandState> samples;

  Rig() {
    for (int i = 0; i < 20; ++i) samples.push_back(still(2, kPeriod * i));
  }
};

TEST_CASE("every tick is in the histogram, samples are used over and over") {
  Rig rig;
  Histogram times;
  time_ticks(rig.controller, rig.samples, 50, times);
  CHECK(times.count() == 50);
  CHECK(times.max() > 0);
}

TEST_CASE("every sample has its best time, every batch its mean") {
  Rig rig;
  const std::vector<double> best = best_times(rig.controller, rig.samples, 2);
  CHECK(best.size() == rig.samples.size());
  CHECK(*std::max_element(best.begin(), best.end()) < std::numeric_limits<double>::infinity());
  CHECK(batch_times(rig.controller, rig.samples[0], 5, 3).size() == 3);
}

TEST_CASE("instructions are counted, or it is said why not") {
  Rig rig;
  const auto count = count_instructions(rig.controller, rig.samples, 10);
  CHECK(count.has_value() == InstructionCounter().refusal().empty());
  if (count) CHECK(*count > 100.0);
}

}  // namespace
}  // namespace handloop::testing::tick_timer
