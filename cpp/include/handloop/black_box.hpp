// The last seconds of a loop, for whoever has to find out why it stopped.
//
// Two rings: the first stops turning half a second after the hand left OK and DEGRADED for good, so
// that nothing that comes later overwrites how it began; the second keeps the newest seconds.
#pragma once

#include <array>
#include <cmath>

#include "handloop/tick_row.hpp"

namespace handloop {

class BlackBox {
 public:
  static constexpr double kSeconds = 5.0;    // before the incident
  static constexpr double kAftermath = 0.5;  // [s]
  static constexpr std::size_t kRowsMax = 50'000;

  explicit BlackBox(const Controller& controller) : tick_(controller) {
    const auto rows = [&](double seconds) {
      return std::min(static_cast<std::size_t>(std::ceil(seconds / controller.period())), kRowsMax);
    };
    aftermath_ = rows(kAftermath);
    for (Ring& ring : ring_) {
      ring.rows.resize((rows(kSeconds) + aftermath_) * static_cast<std::size_t>(tick_.width()));
    }
    clear();
  }

  void clear() {
    for (Ring& ring : ring_) ring.next = ring.written = 0;
    since_incident_ = 0;
  }

  void record(const HandState& state, const HandCommand& command, const Controller& controller) {
    if (controller.safety().state() > SafetyState::kDegraded) ++since_incident_;
    Ring& ring = ring_[since_incident_ > aftermath_];
    tick_.write(state, command, controller, ring.rows.data() + ring.next);
    ring.next = (ring.next + width()) % ring.rows.size();
    ++ring.written;
  }

  std::size_t width() const { return static_cast<std::size_t>(tick_.width()); }
  const std::vector<Channel>& channels() const { return tick_.channels(); }

  // All that is kept, oldest first, row after row.
  std::vector<double> rows() const {
    std::vector<double> all;
    for (const Ring& ring : ring_) {
      const bool full = ring.written * width() >= ring.rows.size();
      const auto newest = ring.rows.begin() + static_cast<std::ptrdiff_t>(ring.next);
      if (full) all.insert(all.end(), newest, ring.rows.end());
      all.insert(all.end(), ring.rows.begin(), newest);
    }
    return all;
  }

 private:
  struct Ring {
    std::vector<double> rows;
    std::size_t next = 0;     // where the next row begins
    std::size_t written = 0;  // rows
  };

  TickRow tick_;
  std::array<Ring, 2> ring_;
  std::size_t aftermath_ = 0, since_incident_ = 0;  // [ticks]
};

}  // namespace handloop
