// Lines of servos as Python asks for them.
#pragma once

#include <memory>

#include "handloop/bus/line.hpp"

namespace handloop::bindings {

enum class ServoProtocol : std::uint8_t { kDynamixel2, kFeetech, kFeetechScs };

std::unique_ptr<bus::Protocol> make_protocol(ServoProtocol family);

// Times in [s]. Throws ValueError where one is negative or no number.
bus::LineConfig line_config(double return_delay, double patience, int silences, double probe_every,
                            bool fast);

}  // namespace handloop::bindings
