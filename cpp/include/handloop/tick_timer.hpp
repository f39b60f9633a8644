// What a tick costs: times by the clock, instructions by the processor's own counter, if it has
// one.
#pragma once

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "handloop/loop.hpp"

namespace handloop {

// Counts this thread's user-space instructions; absent where the machine or its kernel says no.
class InstructionCounter {
 public:
  InstructionCounter() {
    perf_event_attr attributes{};
    attributes.type = PERF_TYPE_HARDWARE;
    attributes.size = sizeof(attributes);
    attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
    attributes.exclude_kernel = 1;
    attributes.exclude_hv = 1;
    file_ = static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
    if (file_ < 0) refusal_ = std::string("perf_event_open: ") + std::strerror(errno);
  }
  InstructionCounter(const InstructionCounter&) = delete;
  InstructionCounter& operator=(const InstructionCounter&) = delete;
  ~InstructionCounter() {
    if (file_ >= 0) close(file_);
  }

  // Why there is no count; empty if there is one.
  const std::string& refusal() const { return refusal_; }

  std::optional<std::uint64_t> read() const {
    std::uint64_t count = 0;
    if (file_ < 0 || ::read(file_, &count, sizeof(count)) != sizeof(count)) return std::nullopt;
    return count;
  }

 private:
  int file_;
  std::string refusal_;
};

struct TickCost {
  std::uint64_t ticks = 0;
  double p50 = 0.0, p99 = 0.0, p999 = 0.0, max = 0.0;  // [us]
  std::optional<double> instructions;                  // per tick, mean
};

// Ticks on recorded samples, over and over, one at a time as a loop would. The times include
// reading the clock once; the instructions are counted in a pass of their own and do not.
inline TickCost time_ticks(Controller& controller, const std::vector<HandState>& samples,
                           int ticks) {
  const auto sample_of = [&samples](int i) -> const HandState& {
    return samples[static_cast<std::size_t>(i) % samples.size()];
  };
  Histogram histogram;
  for (int i = 0; i < ticks; ++i) {
    const HandState& sample = sample_of(i);
    const std::int64_t begin = monotonic_ns();
    controller.tick(sample, sample.time);
    histogram.record(monotonic_ns() - begin);
  }
  TickCost cost{histogram.count(),
                1e-3 * histogram.quantile(0.5),
                1e-3 * histogram.quantile(0.99),
                1e-3 * histogram.quantile(0.999),
                1e-3 * static_cast<double>(histogram.max()),
                std::nullopt};
  const InstructionCounter counter;
  const auto first = counter.read();
  if (!first) return cost;
  const int counted = std::min(ticks, 20000);
  for (int i = 0; i < counted; ++i) controller.tick(sample_of(i), sample_of(i).time);
  if (const auto last = counter.read()) {
    cost.instructions = static_cast<double>(*last - *first) / counted;
  }
  return cost;
}

}  // namespace handloop
