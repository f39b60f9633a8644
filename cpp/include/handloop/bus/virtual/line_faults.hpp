// What a bad cable does to bytes on their way from or to the host, the same for the same seed.
// Servos hear each other undisturbed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "handloop/random.hpp"

namespace handloop::bus::virtual_servo {

struct NoiseConfig {
  double bit_flip = 0.0;   // probability of each bit
  double byte_loss = 0.0;  // probability of each byte
};

class LineFaults {
 public:
  explicit LineFaults(std::uint64_t seed) : random_(seed) {}

  void set_noise(const NoiseConfig& noise) { noise_ = noise; }
  // Between two times [ns] every byte is random, or none passes.
  void burst(std::int64_t from, std::int64_t to) { burst_ = {from, to}; }
  void unplug(std::int64_t from, std::int64_t to) { unplugged_ = {from, to}; }

  // What arrives of a byte that was on the line at `time`.
  std::optional<std::uint8_t> pass(std::uint8_t byte, std::int64_t time) {
    if (unplugged_.holds(time)) return std::nullopt;
    if (noise_.byte_loss > 0.0 && random_.uniform() <= noise_.byte_loss) return std::nullopt;
    if (burst_.holds(time)) return any_byte();
    return noise_.bit_flip > 0.0 ? flip(byte) : byte;
  }
  // What is left of a byte while another one is on the line: never itself.
  std::uint8_t collide(std::uint8_t byte) {
    return static_cast<std::uint8_t>(byte ^ (1 + any_byte() % 255));
  }

 private:
  struct Span {
    std::int64_t from = 0, to = 0;
    bool holds(std::int64_t time) const { return from <= time && time < to; }
  };

  std::uint8_t any_byte() { return static_cast<std::uint8_t>(random_.uniform() * 255.999); }
  std::uint8_t flip(std::uint8_t byte) {
    unsigned mask = 0;
    for (unsigned bit = 0; bit < 8; ++bit) {
      if (random_.uniform() <= noise_.bit_flip) mask |= 1U << bit;
    }
    return static_cast<std::uint8_t>(byte ^ mask);
  }

  Random random_;
  NoiseConfig noise_;
  Span burst_, unplugged_;
};

}  // namespace handloop::bus::virtual_servo
